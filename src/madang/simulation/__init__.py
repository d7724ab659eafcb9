"""The world outside the platform, played on one machine: registers, a bank, a mail server."""
