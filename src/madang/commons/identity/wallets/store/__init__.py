"""Questions in PostgreSQL, what issuers announce, and our own key."""
