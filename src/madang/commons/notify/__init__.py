"""What the city tells a person: in their language, by their channel, once."""
