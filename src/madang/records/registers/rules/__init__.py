"""How long we wait for a register, what counts as an answer, and how synthetic residents are drawn."""
