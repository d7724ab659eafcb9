"""Who did what to whose data, append-only and chained, so that tampering shows."""
