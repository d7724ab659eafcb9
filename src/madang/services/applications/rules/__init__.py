"""How applications decides: pure functions, given the time, the service and what was read."""
