"""Networks and graphs as drawings."""
