"""Networks of streets: read from others' files, made up by a seed, laid out as columns."""
