"""What is an address that something can be sent to."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from madang.commons.notify.contracts import PhoneWrong, PostalAddressWrong, SubscriptionWrong
from madang.kernel.errors import Invalid

# 전기통신번호관리세칙 (2024): 010 and eight digits; the older 011, 016-019 have seven or eight.
_KOREAN: Final = re.compile(r"01(0\d{8}|[16789]\d{7,8})")
_ABROAD: Final = re.compile(r"\+[1-9]\d{7,14}")  # ITU-T E.164 (2010): at most fifteen digits
# 도로명주소법 시행령 제6조 (2023): 시·도, 시·군·구, 도로명 (…로, …길), 건물번호; a postcode of five digits before.
_POSTAL: Final = re.compile(
    r"(?P<postcode>\d{5}) (?P<city>\S+(?:시|도)) (?P<district>\S+(?:구|군|시)(?: \S+구)?)"
    r" (?P<road>\S+(?:로|길)) (?P<building>(?:지하 ?)?\d+(?:-\d+)?)(?P<detail>(?:,| ).+)?"
)
_LONGEST_LINE: Final = 120
_MOST: Final = 2_000


def phone(typed: str) -> str:
    """A mobile number in E.164, as ``+821012345678``. Raises PhoneWrong."""
    plain = re.sub(r"[\s().-]", "", typed)
    if plain.startswith(("+82", "0082")):
        plain = "0" + plain.removeprefix("+82").removeprefix("0082").lstrip("0")
    if _KOREAN.fullmatch(plain):
        return f"+82{plain[1:]}"
    if _ABROAD.fullmatch(plain) and not plain.startswith("+82"):
        return plain
    raise PhoneWrong(typed=typed[:40])


def masked(channel: str, address: str) -> str:
    """An address so that its owner knows it and nobody else learns it."""
    if channel == "push":
        return urlsplit(str(json.loads(address)["endpoint"])).hostname or ""
    if channel == "email":
        name, _, domain = address.partition("@")
        return f"{name[:2]}…@{domain}"
    return f"{address[:6]}…{address[-3:]}" if channel != "letter" else address


def postal(typed: str) -> str:
    """A postal address on one line: postcode, road name, building, detail. Raises PostalAddressWrong."""
    line = " ".join(typed.split())
    if len(line) > _LONGEST_LINE or not _POSTAL.fullmatch(line):
        raise PostalAddressWrong(typed=typed[:80])
    return line


def postal_lines(address: str) -> tuple[str, str, str]:
    """The lines of an envelope: the street, the detail, the postcode. ``address`` is one that ``postal`` gave."""
    found = _POSTAL.fullmatch(address)
    if found is None:
        raise PostalAddressWrong(typed=address[:80])
    street = f"{found['city']} {found['district']} {found['road']} {found['building']}"
    return street, (found["detail"] or "").lstrip(", "), found["postcode"]


def subscription(given: str) -> str:
    """A push subscription as canonical JSON (W3C Push API, 2025). Raises SubscriptionWrong."""
    try:
        raw: Any = json.loads(given)
        endpoint, keys = str(raw["endpoint"]), raw["keys"]
        parts = {name: str(keys[name]) for name in ("p256dh", "auth")}
    except (ValueError, KeyError, TypeError):
        raise SubscriptionWrong from None
    wrong = len(given) > _MOST or urlsplit(endpoint).scheme not in {"https", "http"}
    if wrong or not all(re.fullmatch(r"[A-Za-z0-9_-]{16,120}=*", part) for part in parts.values()):
        raise SubscriptionWrong
    return json.dumps({"endpoint": endpoint, "keys": parts}, separators=(",", ":"), sort_keys=True)


def is_address(channel: str, address: str) -> bool:
    """Whether something can be sent there, as it stands; e-mail is only looked at."""
    try:
        return _CHECKS[channel](address) == address
    except (Invalid, KeyError):
        return False


def _email(typed: str) -> str:
    return typed if re.fullmatch(r"[^\s@]{1,64}@[^\s@]{1,190}", typed) else ""


_CHECKS: Final[Mapping[str, Callable[[str], str]]] = {
    "sms": phone, "alimtalk": phone, "call": phone, "letter": postal, "push": subscription, "email": _email,
    "account": lambda _: "",
}
