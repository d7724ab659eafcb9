"""Tools of the build: contracts, set-up, texts."""
