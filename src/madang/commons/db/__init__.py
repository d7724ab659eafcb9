"""PostgreSQL, always: embedded from a wheel on one machine, or any server by its address."""
