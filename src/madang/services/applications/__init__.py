"""A form becomes a case, and a case comes to an end."""
