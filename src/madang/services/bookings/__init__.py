"""Places, courses, events, appointments and things to borrow: who gets one, fairly."""
