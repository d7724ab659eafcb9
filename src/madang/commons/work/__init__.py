"""Durable and timed work: put down in the caller's transaction, done by any worker, resumed when one dies."""
