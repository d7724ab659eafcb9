"""What the city does for a person."""
