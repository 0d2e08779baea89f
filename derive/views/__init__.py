"""What is read off the sweep: one derivative along its routes, in closed form, and of higher order."""
