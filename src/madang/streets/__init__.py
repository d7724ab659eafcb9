"""What the city senses and moves."""
