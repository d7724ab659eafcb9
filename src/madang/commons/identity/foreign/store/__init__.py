"""Links in PostgreSQL, providers in the profile, and the providers themselves, over HTTP."""
