"""Check a case, cross-reference it, approve what is plainly right, hand the rest to a person."""
