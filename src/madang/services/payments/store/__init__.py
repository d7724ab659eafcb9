"""What payments reaches for: its rows, the profile, the providers."""
