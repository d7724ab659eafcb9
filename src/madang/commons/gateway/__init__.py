"""The edge: one front process, and how requests come in and answers look."""
