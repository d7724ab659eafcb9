"""What certificates reaches for: its rows, the kinds in the profile, the typesetter, the keys."""
