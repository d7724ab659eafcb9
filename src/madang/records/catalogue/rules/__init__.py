"""How a service's data is read, checked and found. Texts and data come in; nothing here opens a file."""
