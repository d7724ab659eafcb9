"""Contact points, preferences, languages and codes."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from madang.commons.notify.contracts import Contact, Reach
from madang.commons.notify.models import ContactRow, PhoneCodeRow, PreferenceRow, ReachRow
from madang.kernel.ids import ResidentId
from madang.kernel.languages import Language


def contacts(resident: ResidentId) -> list[Contact]:
    """A resident's contact points, the last added first."""
    return [_contact(row) for row in ContactRow.objects.filter(resident=resident).order_by("-added")]


def open_contacts(resident: ResidentId) -> list[Contact]:
    """The contact points that messages may go to."""
    rows = ContactRow.objects.filter(resident=resident, off=None, verified__isnull=False).order_by("added")
    return [_contact(row) for row in rows]


def is_off(resident: ResidentId, channel: str, address: str) -> bool:
    """Whether an address was found to reach nobody."""
    return ContactRow.objects.filter(resident=resident, channel=channel, address=address, off__isnull=False).exists()


def add_contact(contact: Contact) -> Contact:
    """Keep a contact point; one that was there is open again, with this proof."""
    row, _ = ContactRow.objects.update_or_create(
        resident=contact.resident, channel=contact.channel, address=contact.address,
        defaults={"verified": contact.verified, "by": contact.by, "off": None, "off_why": ""},
        create_defaults={
            "id": contact.id, "verified": contact.verified, "added": contact.added, "by": contact.by,
        },
    )
    return _contact(row)


def drop_contact(resident: ResidentId, contact: UUID) -> bool:
    """Delete a contact point of the resident's; False when it is none."""
    many, _ = ContactRow.objects.filter(id=contact, resident=resident).delete()
    return bool(many)


def turn_off(contacts: Sequence[UUID], why: str, now: datetime) -> list[Contact]:
    """Note that addresses reach nobody; those that were open."""
    rows = list(ContactRow.objects.select_for_update().filter(id__in=contacts, off=None))
    ContactRow.objects.filter(id__in=[row.id for row in rows]).update(off=now, off_why=why)
    return [_contact(row) for row in rows]


def reach(resident: ResidentId) -> Reach:
    """What is known of a person; nothing for one who was never heard of."""
    row = ReachRow.objects.filter(resident=resident).first()
    if row is None:
        return Reach(resident)
    return Reach(resident, Language(row.language) if row.language else None, row.district, row.without_device)


def set_reach(reach: Reach, now: datetime) -> None:
    """Note a person's language, district and whether they have no device."""
    ReachRow.objects.update_or_create(resident=reach.resident, defaults={
        "language": reach.language or "", "district": reach.district, "without_device": reach.without_device,
        "updated": now,
    })


def wishes(resident: ResidentId) -> Mapping[tuple[str, str], bool]:
    """What the resident said otherwise than the profile, by topic and channel."""
    rows = PreferenceRow.objects.filter(resident=resident).values_list("topic", "channel", "wanted")
    return {(topic, channel): wanted for topic, channel, wanted in rows}


def set_wish(
    resident: ResidentId, topic: str, channel: str, *, wanted: bool, by: str, now: datetime
) -> None:
    """Note one wish."""
    PreferenceRow.objects.update_or_create(
        resident=resident, topic=topic, channel=channel, defaults={"wanted": wanted, "at": now, "by": by}
    )


def add_code(resident: ResidentId, phone: str, digest: bytes, now: datetime) -> None:
    """Keep the digest of a code that is sent to a phone."""
    PhoneCodeRow.objects.create(resident=resident, phone=phone, digest=digest, made=now)


def count_codes(resident: ResidentId, phone: str, since: datetime) -> int:
    """How many codes were sent for this resident or to this phone since."""
    return PhoneCodeRow.objects.filter(Q(resident=resident) | Q(phone=phone), made__gt=since).count()


def try_code(resident: ResidentId, since: datetime, most: int) -> tuple[str, bytes] | None:
    """The phone and digest of the last code that may still be typed, this try noted; None when there is none."""
    rows = PhoneCodeRow.objects.select_for_update().filter(resident=resident, made__gt=since).order_by("-made")
    row = rows.first()
    if row is None or row.tries >= most:
        return None
    row.tries += 1
    row.save(update_fields=["tries"])
    return row.phone, bytes(row.digest)


def drop_codes(resident: ResidentId) -> None:
    """Delete the codes of a resident."""
    PhoneCodeRow.objects.filter(resident=resident).delete()


def forget_codes(before: datetime) -> int:
    """Delete codes made before."""
    return PhoneCodeRow.objects.filter(made__lt=before).delete()[0]


def forget_contacts_off(now: datetime, keep: timedelta) -> int:
    """Delete contact points that have been off for longer than ``keep``."""
    return ContactRow.objects.filter(off__lt=now - keep).delete()[0]


def forget_resident(resident: ResidentId) -> None:
    """Delete everything about how a resident is reached."""
    for rows in (ContactRow, ReachRow, PreferenceRow, PhoneCodeRow):
        rows.objects.filter(resident=resident).delete()


def _contact(row: ContactRow) -> Contact:
    return Contact(
        row.id, ResidentId(row.resident), row.channel, row.address, row.verified, row.added, row.by, row.off,
        row.off_why,
    )
