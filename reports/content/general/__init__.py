"""The page of the four fundamental equations, for any network."""
