"""News between rooms: put down in the transaction that causes it, carried by NATS JetStream, handled once."""
