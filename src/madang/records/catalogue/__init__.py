"""The services that the city offers, as data: everyone asks it, so it lies low."""
