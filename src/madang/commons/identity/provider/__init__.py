"""The city as an OpenID provider: department and partner systems let people in by the city's own sign-in."""
