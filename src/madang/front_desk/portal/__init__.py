"""Where a resident finds a service, applies, follows requests and sees who read their data."""
