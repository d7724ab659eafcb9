"""What is near, and what may stand in the profile's data about places."""
