"""One question of a form as ``city/field.html`` shows it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

_RADIOS = 7
"""More answers than this are easier to find in a list that folds (GOV.UK Design System, 2024, radios and select)."""


@dataclass(frozen=True, slots=True)
class FormField:
    """A question with what was answered, what is wrong, and which register filled it in. Texts are ready to read.

    ``kind`` is ``text``, ``long_text``, ``choice``, ``yes_no``, ``date``, ``number``, ``year``, ``phone``, ``email``,
    ``password``, ``code`` or ``file``; anything else is shown as text. ``filled_from`` names a register for the badge.
    """

    name: str
    label: str
    kind: str = "text"
    value: str = ""
    hint: str = ""
    error: str = ""
    required: bool = True
    locked: bool = False
    filled_from: str = ""
    choices: Sequence[tuple[str, str]] = field(default=())
    autocomplete: str = ""
    longest: int | None = None
    by_wallet: bool = False
    """Whether it may be shown from a wallet instead of being answered."""

    @property
    def id(self) -> str:
        """The HTML id; the summary of mistakes links to it."""
        return f"field-{self.name}"

    @property
    def described_by(self) -> str:
        """The ids of what a screen reader says with the field."""
        parts = {"hint": self.hint, "filled": self.filled_from, "error": self.error}
        return " ".join(f"{self.id}-{part}" for part, text in parts.items() if text)

    @property
    def shown_as(self) -> str:
        """Which control it is: ``locked``, ``radios``, ``list``, ``lines`` or ``line``."""
        if self.locked:
            return "locked"
        if self.kind in {"choice", "yes_no"}:
            return "radios" if len(self.choices) <= _RADIOS else "list"
        return "lines" if self.kind == "long_text" else "line"

    @property
    def input_type(self) -> str:
        """The ``type`` of a one-line input."""
        own = {"date": "date", "phone": "tel", "email": "email", "password": "password", "file": "file"}
        return own.get(self.kind, "text")

    @property
    def input_mode(self) -> str:
        """Which keyboard a phone shows, when not the usual one."""
        return "numeric" if self.kind in {"number", "year", "code"} else ""

    @property
    def width(self) -> str:
        """How wide the input is: as wide as a usual answer, which tells what is expected."""
        narrow = {"date": "date", "year": "year", "number": "number", "code": "number", "phone": "phone"}
        return narrow.get(self.kind, "full")
