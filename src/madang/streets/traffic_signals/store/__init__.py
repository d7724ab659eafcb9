"""Traffic signals in PostgreSQL, and the city's profile about them."""
