"""How the city governs itself."""
