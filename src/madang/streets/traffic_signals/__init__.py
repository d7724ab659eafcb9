"""12,800 signalled intersections: what the street is like, a plan every five minutes, and nothing unsafe on it."""
