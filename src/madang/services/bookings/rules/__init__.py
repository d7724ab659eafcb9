"""How places are laid out, given, drawn and lost: pure decisions."""
