"""What the city knows and shares."""
