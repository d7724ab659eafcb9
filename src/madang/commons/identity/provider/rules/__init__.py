"""How the provider decides, without a clock, a database or a protocol library."""
