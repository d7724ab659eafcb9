"""Where bookings are kept: slots, who asked for them, calendars, and the city's profile."""
