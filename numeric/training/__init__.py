"""What training comes to: the first update, the course of the cost, and what is predicted."""
