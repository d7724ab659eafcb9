"""How notify decides: what is written, by which ways, when, and again when. No clock, no I/O."""
