"""The sections of the matrix form and the index form."""
