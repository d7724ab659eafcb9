"""How document review decides: pure functions, given the case, its service and what the registers said."""
