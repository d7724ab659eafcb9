"""The audit's rows in PostgreSQL."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db import connection

from madang.commons.audit.contracts import STATED, Access, Entry, Head, Link
from madang.commons.audit.models import EntryRow, HeadRow, LineRow
from madang.kernel.actors import ActorKind
from madang.kernel.clock import in_seoul
from madang.kernel.ids import AccountId, ResidentId

_SEALING_LOCK = 0x61756469  # "audi"; one sealer in the whole city

_ENTRY = ("id", "at", "kind", "name", "account", "action", "purpose", "subject", "about", "fields", "trace")
_LINK = ("position", "previous", "hash", *_ENTRY)

_SEAL = """
UPDATE audit_entry SET position = link.position, previous = link.previous, hash = link.hash
  FROM unnest(%s::uuid[], %s::bigint[], %s::bytea[], %s::bytea[]) AS link (id, position, previous, hash)
 WHERE audit_entry.id = link.id
"""


def add(entry: Entry) -> None:
    """Write an entry, unsealed."""
    EntryRow.objects.create(**{name: getattr(entry, name) for name in _ENTRY if name != "fields"},
                            fields=list(entry.fields))


def add_line(entry: Entry, line: str) -> None:
    """Keep what somebody wrote beside the purpose that they stated."""
    LineRow.objects.create(entry=entry.id, at=entry.at, line=line)


def forget_lines(before: datetime) -> int:
    """Delete lines from before then; how many."""
    return LineRow.objects.filter(at__lt=before).delete()[0]


def hold_seal() -> bool:
    """Become the one sealer until the transaction ends; False if another one is at it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_SEALING_LOCK])
        row = cursor.fetchone()
    return bool(row and row[0])


def waiting(limit: int) -> list[Entry]:
    """Up to ``limit`` kept entries that are not sealed, oldest first."""
    rows = EntryRow.objects.filter(position=None).order_by("id").values_list(*_ENTRY)[:limit]
    return [_entry(row) for row in rows]


def set_seals(links: Sequence[Link]) -> None:
    """Give waiting entries their places in the chain."""
    with connection.cursor() as cursor:
        cursor.execute(_SEAL, [
            [link.entry.id for link in links], [link.position for link in links],
            [link.previous for link in links], [link.hash for link in links],
        ])


def head() -> Head | None:
    """The end of the chain as the sealer last noted it."""
    return _head(HeadRow.objects.order_by("-position").first())


def head_at(position: int) -> Head | None:
    """The sealer's note that closed with the entry at ``position``."""
    return _head(HeadRow.objects.filter(position=position).first())


def last_told() -> Head | None:
    """The last head that was told to the outside."""
    return _head(HeadRow.objects.filter(told=True).order_by("-position").first())


def add_head(new: Head, *, told: bool) -> None:
    """Note a new end of the chain."""
    HeadRow.objects.create(position=new.position, hash=bytes.fromhex(new.hash), at=new.at, told=told)


def chain() -> Iterator[Link]:
    """Every sealed entry in its order, as of one moment; needs an open transaction."""
    rows = EntryRow.objects.filter(position__isnull=False).order_by("position").values_list(*_LINK)
    for position, previous, sealed, *entry in rows.iterator(chunk_size=2_000):
        yield Link(position, bytes(previous or b""), bytes(sealed or b""), _entry(tuple(entry)))


def position_of(sealed: bytes) -> int | None:
    """Where the entry with that hash stands. Reads the whole table: for a broken chain only."""
    return EntryRow.objects.filter(hash=sealed).values_list("position", flat=True).first()


def count_waiting() -> tuple[int, datetime | None]:
    """How many entries wait to be sealed, and since when the oldest does."""
    rows = EntryRow.objects.filter(position=None)
    oldest = rows.order_by("id").values_list("at", flat=True).first()
    return rows.count(), oldest and in_seoul(oldest)


def accesses(subject: ResidentId, before: datetime | None, limit: int) -> list[Access]:
    """Acts on a resident's data, newest first, those before ``before`` if it is given."""
    rows = EntryRow.objects.filter(subject=subject).order_by("-at", "-id")
    if before is not None:
        rows = rows.filter(at__lt=before)
    found = list(rows[:limit])
    stated = [row.id for row in found if row.purpose.startswith(STATED)]
    lines = dict(LineRow.objects.filter(entry__in=stated).values_list("entry", "line")) if stated else {}
    return [
        Access(
            in_seoul(row.at), ActorKind(row.kind), row.name, row.action, row.purpose, tuple(row.fields), row.about,
            lines.get(row.id, ""),
        )
        for row in found
    ]


def rooms_used_by(account: AccountId, since: datetime) -> frozenset[str]:
    """The first parts of the actions of an account since then."""
    actions = EntryRow.objects.filter(account=account, at__gte=since).values_list("action", flat=True).distinct()
    return frozenset(action.partition(".")[0] for action in actions)


def _entry(row: tuple[object, ...]) -> Entry:
    known = dict(zip(_ENTRY, row, strict=True))
    return Entry(**known)  # type: ignore[arg-type]  # the columns are the fields; a kind that is none must still be read


def _head(row: HeadRow | None) -> Head | None:
    return Head(row.position, bytes(row.hash).hex(), in_seoul(row.at)) if row else None


