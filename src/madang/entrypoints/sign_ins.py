"""How a demonstration's people sign in."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SignIn:
    """A demonstration account as ``madang up`` prints it."""

    who: str
    email: str
    password: str
    second_factor: str
