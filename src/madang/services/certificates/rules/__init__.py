"""What a certificate's code, sheet and signature are. No clock, no I/O: time, randomness and keys come in."""
