"""Signed documents, and how anyone verifies them."""
