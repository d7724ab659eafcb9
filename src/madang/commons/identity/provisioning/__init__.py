"""Staff as a department's directory tells them at once: SCIM 2.0 (RFC 7643 and 7644, 2015), beside lists."""
