"""Notify in PostgreSQL: rows in, contracts out."""
