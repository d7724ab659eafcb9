"""How an entry becomes bytes, how the chain is made, and how tampering is told apart."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC
from hashlib import sha256
from uuid import UUID

import msgspec

from madang.commons.audit.contracts import GENESIS, Break, Entry, EntryNotAllowed, Head, Link, Tampering

_NAME = re.compile(r"[a-z][a-z0-9_]*([.-][a-z0-9_]+)*")
_LONGEST_PURPOSE = 200
_MOST_BREAKS = 50


def refuse_values(action: str, purpose: str, fields: Sequence[str]) -> None:
    """Raise EntryNotAllowed unless ``action`` and ``fields`` are names and ``purpose`` says something, briefly.

    A field that is not a plain name is most likely somebody's data, which has no place in a record that cannot
    be erased.
    """
    for name in (action, *fields):
        if not _NAME.fullmatch(name):
            raise EntryNotAllowed(what=f"{name[:40]!r} is not the name of an action or a field")
    if not 0 < len(purpose) <= _LONGEST_PURPOSE:
        raise EntryNotAllowed(what=f"a purpose of {len(purpose)} characters; say it in 1 to {_LONGEST_PURPOSE}")


def canonical(entry: Entry) -> bytes:
    """The entry as bytes that do not depend on software or settings: a JSON array, times in UTC."""
    return msgspec.json.encode([
        entry.id, entry.at.astimezone(UTC).isoformat(timespec="microseconds"), entry.kind, entry.name, entry.account,
        entry.action, entry.purpose, entry.subject, entry.about, list(entry.fields), entry.trace,
    ])


def seal(previous: bytes, entry: Entry) -> bytes:
    """SHA-256 (FIPS 180-4, 2015) over the hash before and the entry's canonical bytes."""
    return sha256(previous + canonical(entry)).digest()


def chain(entries: Iterable[Entry], position: int, previous: bytes) -> list[Link]:
    """The entries as links that follow the link at ``position`` whose hash is ``previous``."""
    links = []
    for entry in entries:
        position += 1
        sealed = seal(previous, entry)
        links.append(Link(position, previous, sealed, entry))
        previous = sealed
    return links


_START = Link(0, b"", GENESIS, None)  # type: ignore[arg-type]  # nothing stands before the first entry


@dataclass(slots=True)
class Walk:
    """A walk along the chain that notes where it does not hold.

    ``where`` tells at which position a hash stands now, or None. An entry is blamed once: the one after it is
    then not also called wrong for following it.
    """

    where: Callable[[bytes], int | None]
    anchors: dict[int, str] = field(default_factory=dict)
    breaks: list[Break] = field(default_factory=list)
    last: Link = _START
    _before_last: bytes = b""

    def step(self, link: Link) -> None:
        """Look at the next link."""
        if link.hash != seal(link.previous, link.entry):
            self._say_skipped(link)
            self._blame(Tampering.CHANGED, link)
        elif link.position > self.last.position + 1:
            self._blame_gap(self.last.position + 1, link.position - 1)
        elif link.previous != self.last.hash:
            self._explain(link)
        elif self.anchors.get(link.position, link.hash.hex()) != link.hash.hex():
            self._blame(Tampering.REWRITTEN, link)
        self._before_last, self.last = self.last.hash, link

    def end(self, head: Head | None, closing: Head | None) -> Sequence[Break]:
        """Compare with the head noted before the walk, and with the note (if any) that closed the last entry seen."""
        furthest = max([head.position if head else 0, *self.anchors])
        if furthest > self.last.position:
            self._blame_gap(self.last.position + 1, furthest)
        elif self.last.position and not self._blamed():
            if closing is None:
                self._blame(Tampering.INSERTED, self.last)
            elif closing.hash != self.last.hash.hex():
                self._blame(Tampering.REWRITTEN, self.last)
        return self.breaks[:_MOST_BREAKS]

    def _explain(self, link: Link) -> None:
        """Say why an entry that is itself as sealed does not follow the one before it."""
        follows_one_earlier = link.previous == self._before_last
        if self._blamed():
            if follows_one_earlier and self.breaks[-1].kind is Tampering.CHANGED:
                self.breaks[-1] = replace(self.breaks[-1], kind=Tampering.INSERTED)
        elif follows_one_earlier:
            if not self._neighbours_changed_places():
                self._blame(Tampering.INSERTED, self.last)
        elif len(self.breaks) < _MOST_BREAKS and (link.previous == GENESIS or self.where(link.previous) is not None):
            self._blame(Tampering.REORDERED, link)
        else:
            self._blame(Tampering.REWRITTEN, self.last)

    def _say_skipped(self, link: Link) -> None:
        if link.position > self.last.position + 1:
            self._blame_gap(self.last.position + 1, link.position - 1)

    def _blamed(self) -> bool:
        return bool(self.breaks) and self.breaks[-1].until == self.last.position

    def _neighbours_changed_places(self) -> bool:
        before = self.breaks[-1] if self.breaks else None
        return before is not None and (before.kind, before.until + 1) == (Tampering.REORDERED, self.last.position)

    def _blame(self, kind: Tampering, link: Link) -> None:
        entry: UUID | None = link.entry.id if link.position else None
        self.breaks.append(Break(kind, link.position, link.position, entry))

    def _blame_gap(self, first: int, until: int) -> None:
        self.breaks.append(Break(Tampering.REMOVED, first, until))
