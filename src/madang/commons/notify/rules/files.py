"""What a service may send as a file, and how a link leads to it: names, kinds and times of GOV.UK Notify (2026)."""

import base64
import hashlib
import re
from collections.abc import Mapping
from typing import Any, Final

from madang.commons.notify.contracts import AskedWrong
from madang.commons.notify.contracts.files import LONGEST_FILE, Upload

_OFFICE: Final = "application/vnd.openxmlformats-officedocument"
_KINDS: Final[Mapping[str, str]] = {
    "csv": "text/csv", "doc": "application/msword", "docx": f"{_OFFICE}.wordprocessingml.document",
    "jpeg": "image/jpeg", "jpg": "image/jpeg", "json": "application/json",
    "odt": "application/vnd.oasis.opendocument.text", "pdf": "application/pdf", "png": "image/png",
    "rtf": "text/rtf", "txt": "text/plain", "xlsx": f"{_OFFICE}.spreadsheetml.sheet",
}
_BEGINS: Final[Mapping[str, bytes]] = {
    "doc": b"\xd0\xcf\x11\xe0", "docx": b"PK\x03\x04", "jpeg": b"\xff\xd8\xff", "jpg": b"\xff\xd8\xff",
    "odt": b"PK\x03\x04", "pdf": b"%PDF-", "png": b"\x89PNG\r\n", "rtf": b"{\\rtf", "xlsx": b"PK\x03\x04",
}
_WEEKS: Final = re.compile(r"([1-9]\d?) weeks?")
_USUAL_WEEKS: Final = 26
_MOST_WEEKS: Final = 78
_LONGEST_NAME: Final = 100


def upload(given: Mapping[str, Any]) -> Upload:
    """A file as ``prepare_upload`` of the product's clients writes it. Raises AskedWrong in the product's words."""
    content = _content(given.get("file"))
    name, ending = _name(given.get("filename"), content)
    confirms = given.get("confirm_email_before_download")
    if confirms is not None and not isinstance(confirms, bool):
        raise AskedWrong(
            why=f"Unsupported value for confirm_email_before_download: '{confirms}'. Use a boolean true or false value."
        )
    return Upload(name, _KINDS[ending], content, confirms is not False, _weeks(given.get("retention_period")))


def digest(text: str) -> bytes:
    """What is kept of the address that a file was sent to: the SHA-256."""
    return hashlib.sha256(text.strip().lower().encode()).digest()


def _content(told: Any) -> bytes:
    try:
        content = base64.b64decode(told, validate=True)
    except (TypeError, ValueError):
        raise AskedWrong(why="Incorrect padding: a file is base64") from None
    if len(content) > LONGEST_FILE:
        raise AskedWrong(why="File is larger than 2MB")
    return content


def _name(told: Any, content: bytes) -> tuple[str, str]:
    if told is None:
        ending = next((kind for kind in ("pdf", "png", "jpg") if content.startswith(_BEGINS[kind])), "txt")
        return f"document.{ending}", ending
    if not isinstance(told, str) or not 0 < len(told) <= _LONGEST_NAME or re.search(r"[\x00-\x1f/\\\"]", told):
        raise AskedWrong(why=f'Filename cannot be longer than {_LONGEST_NAME} characters, or have / \\ " in it')
    ending = told.rpartition(".")[2].lower()
    if ending not in _KINDS or not content.startswith(_BEGINS.get(ending, b"")):
        kinds = ", ".join(f"'.{kind}'" for kind in _KINDS)
        raise AskedWrong(why=f"Unsupported file type '{ending}'. Supported types are: {kinds}")
    return told, ending


def _weeks(told: Any) -> int:
    if told is None:
        return _USUAL_WEEKS
    found = _WEEKS.fullmatch(told) if isinstance(told, str) else None
    if found is None or int(found[1]) > _MOST_WEEKS:
        raise AskedWrong(
            why=f"Unsupported value for retention_period '{told}'. Supported periods are from 1 to 78 weeks."
        )
    return int(found[1])
