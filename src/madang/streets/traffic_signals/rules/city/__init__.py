"""A whole city's run, area by area: on one core, on several, on several machines, with the same result."""
