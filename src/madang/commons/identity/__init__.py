"""Who signs in, how surely, and what they may do."""
