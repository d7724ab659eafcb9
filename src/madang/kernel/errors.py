"""What can go wrong, said so that the person who reads it can mend it.

An error carries a code (stable, for machines), data (its dataclass fields) and a message whose
English text is the key of its translations. Its base class says what kind of failure it is; only the
edge knows which HTTP status or exit code that means.
"""

from dataclasses import dataclass, fields
from typing import Any, ClassVar

from madang.kernel.assurance import Assurance


@dataclass(eq=False)
class CityError(Exception):
    """The root of every error that is meant for a person. Subclasses are ``@dataclass(eq=False)``."""

    code: ClassVar[str] = "city.error"
    message: ClassVar[str] = "The city could not do this."

    @property
    def data(self) -> dict[str, Any]:
        """The facts that the message names, by field."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def __str__(self) -> str:
        """The English message with its facts filled in; logs and terminals read this."""
        return self.message.format(**self.data)


@dataclass(eq=False)
class NotFound(CityError):
    """What was asked for does not exist, or is not for this person to know of."""

    code = "city.not_found"
    message = "There is nothing here under that number."


@dataclass(eq=False)
class NotPermitted(CityError):
    """The person is known and may not do this."""

    code = "city.not_permitted"
    message = "You may not do this."


@dataclass(eq=False)
class BeyondDelegation(NotPermitted):
    """Somebody acts for another, whose word does not cover this."""

    code = "city.beyond_delegation"
    message = "You act for somebody else here, and what was agreed does not include this."


@dataclass(eq=False)
class PurposeNeeded(NotPermitted):
    """Somebody may open this once they have said what for; ``about`` is what they were about to open.

    ``door`` is the permission by which they come in: it decides which purposes there are.
    """

    about: str
    door: str

    code = "city.purpose_needed"
    message = "Say first what you open this for: the person will read it. Programs send it as Madang-Purpose."


@dataclass(eq=False)
class SignInNeeded(CityError):
    """Nobody is signed in and somebody must be."""

    code = "city.sign_in_needed"
    message = "Please sign in first."


@dataclass(eq=False)
class AssuranceTooLow(CityError):
    """The person is signed in, and must prove more surely who they are."""

    needed: Assurance
    held: Assurance

    code = "city.assurance_too_low"
    message = "Please confirm once more who you are."


@dataclass(eq=False)
class Conflict(CityError):
    """The request was well formed; the state of things does not allow it now."""

    code = "city.conflict"
    message = "This cannot be done at this point."


@dataclass(eq=False)
class Invalid(CityError):
    """Something in the request is wrong; ``field`` says where, when one place is to blame."""

    code = "city.invalid"
    message = "Something in the request is not right."


@dataclass(eq=False)
class Unavailable(CityError):
    """Something that the city depends on does not answer now; trying later will help."""

    code = "city.unavailable"
    message = "This is not available at the moment. Please try again a little later."


@dataclass(eq=False)
class TooOften(CityError):
    """The same was asked too often in a short time; waiting helps."""

    code = "city.too_often"
    message = "You have asked too often in a short time. Please wait a moment and try again."
