"""What ``madang bench`` runs; each compares with a peer or a limit in the same run."""
