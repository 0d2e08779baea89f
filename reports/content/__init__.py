"""What a report says, in order, as frozen data."""
