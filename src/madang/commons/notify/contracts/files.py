"""Files that a department's service sends by e-mail: a link in the text, behind it the file."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from madang.kernel.errors import Invalid, NotFound

LONGEST_FILE = 2 * 1024 * 1024
"""Bytes; as the product whose API this is documents it (2026)."""

TRIES = 10
"""So many wrong addresses, and the file is given to nobody any more; our own choice, 2026."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as a service hands it over, to be kept so many weeks."""

    name: str
    content_type: str
    content: bytes
    confirms: bool
    """Whether the reader types the e-mail address that it was sent to."""

    weeks: int


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file that waits for its reader. ``content`` can be read with the link's secret alone."""

    id: UUID
    service: str
    name: str
    content_type: str
    sealed: bytes
    secret_digest: bytes
    recipient_digest: bytes
    confirms: bool
    tries: int
    until: datetime

    def is_open(self, now: datetime) -> bool:
        """Whether it may still be fetched."""
        return now < self.until and self.tries < TRIES


@dataclass(eq=False)
class NoSuchFile(NotFound):
    """The link is not one of ours, its time is over, or too many addresses were tried."""

    code = "notify.no_such_file"
    message = "This file is not there any more, or the link is incomplete. Ask the office that wrote to you."


@dataclass(eq=False)
class AddressDiffers(Invalid):
    """The file was sent to another e-mail address than the one typed."""

    code = "notify.address_differs"
    message = "The file was not sent to this e-mail address. Type the one at which you got the link."
