"""How runs become what is on the street: fixed plans, failed data, and what a machine may do by itself."""
