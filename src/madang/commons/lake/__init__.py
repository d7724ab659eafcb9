"""Every event, archived in Iceberg tables for five years."""
