"""Where people meet the city."""
