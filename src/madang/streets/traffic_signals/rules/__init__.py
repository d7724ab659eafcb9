"""How traffic signals decides: pure, with the time as an argument."""
