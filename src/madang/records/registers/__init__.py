"""What the registers of city and state know of a person, asked for when needed and never copied whole."""
