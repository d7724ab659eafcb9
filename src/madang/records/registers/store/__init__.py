"""Where register entries come from: the synthetic tables, or a register over HTTP."""
