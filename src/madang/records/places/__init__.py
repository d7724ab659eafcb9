"""Where things are: districts, dong, public places, and how far it is to walk."""
