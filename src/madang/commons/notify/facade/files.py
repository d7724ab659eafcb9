"""Files in services' e-mails: a link in the text instead of an attachment, so that nobody else's mailbox opens it."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from cryptography.fernet import Fernet
from django.conf import settings

from madang.commons.db.transactions import transaction
from madang.commons.notify.contracts import Asked, AskedWrong, NoticeKind, Service
from madang.commons.notify.contracts.files import AddressDiffers, NoSuchFile, SentFile, Upload
from madang.commons.notify.rules import files as rules
from madang.commons.notify.store import files
from madang.kernel.ids import new_id

_SECRET_BYTES: Final = 32


def with_links(service: Service, asked: Asked, now: datetime) -> tuple[Mapping[str, object], list[SentFile]]:
    """What is filled into a template, each file as the link to it, and the files to keep. Raises AskedWrong."""
    uploads = {name: rules.upload(given) for name, given in asked.personalisation.items() if isinstance(given, dict)}
    if uploads and asked.kind is not NoticeKind.EMAIL:
        raise AskedWrong(why="Can only send a file by email")
    filled, kept = dict(asked.personalisation), []
    for name, upload in uploads.items():
        secret = secrets.token_urlsafe(_SECRET_BYTES)
        file = _sealed(service, upload, secret, asked.recipient, now)
        filled[name] = f"{settings.MADANG_PUBLIC_URL}/messages/files/{file.id}/{secret}/"
        kept.append(file)
    return filled, kept


def keep(service: Service, kept: list[SentFile]) -> None:
    """Keep files with the notification that leads to them; inside the transaction that keeps it."""
    for file in kept:
        files.add(file, service.id)


def sent_file(file: UUID, secret: str, now: datetime) -> SentFile:
    """What waits behind a link. Raises NoSuchFile whatever is wrong with it."""
    return _require(files.find(file), secret, now)


def fetch_file(file: UUID, secret: str, address: str, now: datetime) -> tuple[SentFile, bytes]:
    """A file for the reader who types the address that it was sent to, where that is asked.

    Wrong addresses are counted, and after the last try nobody gets it. Raises NoSuchFile, AddressDiffers.
    """
    with transaction():
        found = _require(files.find(file, lock=True), secret, now)
        is_theirs = not found.confirms or hmac.compare_digest(rules.digest(address), found.recipient_digest)
        if is_theirs:
            files.note_fetched(found.id, now)
        else:
            files.note_wrong(found.id)
    if not is_theirs:
        raise AddressDiffers
    return found, _box(secret).decrypt(found.sealed)


def forget_old_files(now: datetime) -> int:
    """Delete files whose time is over; how many."""
    with transaction():
        return files.forget(now)


def _sealed(service: Service, upload: Upload, secret: str, recipient: str, now: datetime) -> SentFile:
    return SentFile(
        UUID(str(new_id())), service.name, upload.name, upload.content_type, _box(secret).encrypt(upload.content),
        _digest(secret), rules.digest(recipient), upload.confirms, 0, now + timedelta(weeks=upload.weeks),
    )


def _require(found: SentFile | None, secret: str, now: datetime) -> SentFile:
    if found is None or not hmac.compare_digest(_digest(secret), found.secret_digest) or not found.is_open(now):
        raise NoSuchFile
    return found


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _box(secret: str) -> Fernet:
    """The link's secret opens the file; what lies in the database alone does not."""
    key = hmac.digest(settings.SECRET_KEY.encode(), f"notify.files {secret}".encode(), "sha256")
    return Fernet(base64.urlsafe_b64encode(key))
