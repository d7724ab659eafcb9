"""The archive's Iceberg table. Everything that needs pyiceberg and pyarrow (some 150 MB) is in here.

The facade imports it when it is used, so that a process that never touches the archive does not carry it.
"""
