"""Accounts and posts as SCIM documents, and what a document asks an account to be."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from madang.commons.identity.provisioning.contracts import MOST_RESULTS, Provisioned, ScimRefused, Wanted
from madang.commons.identity.provisioning.rules import filters
from madang.kernel.languages import Language

USER: Final = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP: Final = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE: Final = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
FIXED_OF_USER: Final = frozenset({"id", "meta", "groups"})
FIXED_OF_GROUP: Final = frozenset({"id", "meta", "displayname", "externalid"})
_LIST: Final = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
_ERROR: Final = "urn:ietf:params:scim:api:messages:2.0:Error"
_EMAIL: Final = re.compile(r"[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+\.[^@\s\x00-\x1f]+")
_LONGEST: Final = 200
_ALWAYS: Final = frozenset({"schemas", "id"})

Document = dict[str, Any]


def user(one: Provisioned, base: str) -> Document:
    """An account as a User. ``base`` is where ``/Users`` lies. A person's name is not among what the city keeps."""
    wanted = one.wanted
    made: Document = {
        "schemas": [USER, ENTERPRISE], "id": str(one.id), "userName": wanted.email, "active": wanted.active,
        "emails": [{"value": wanted.email, "type": "work", "primary": True}],
        "preferredLanguage": wanted.language.tag, ENTERPRISE: {"department": wanted.department},
        "groups": [
            {"value": post, "display": post, "type": "direct", "$ref": f"{base}/Groups/{post}"} for post in one.posts
        ],
        "meta": {
            "resourceType": "User", "created": _at(one.created), "lastModified": _at(one.modified),
            "location": f"{base}/Users/{one.id}",
        },
    }
    told = {"title": wanted.title, "externalId": wanted.external_id}
    return made | {name: value for name, value in told.items() if value}


def group(post: str, members: Sequence[Provisioned], base: str) -> Document:
    """A post of the profile as a Group, with those who hold it."""
    return {
        "schemas": [GROUP], "id": post, "displayName": post,
        "members": [
            {"value": str(one.id), "display": one.wanted.email, "type": "User", "$ref": f"{base}/Users/{one.id}"}
            for one in members
        ],
        "meta": {"resourceType": "Group", "location": f"{base}/Groups/{post}"},
    }


def wanted(document: Any) -> Wanted:
    """What a User document asks for. Attributes that the city does not keep are passed over. Raises ScimRefused."""
    if not isinstance(document, Mapping):
        raise ScimRefused(400, "A user is a JSON object.", "invalidSyntax")
    email = _text(document, "userName").lower()
    if not _EMAIL.fullmatch(email):
        raise ScimRefused(400, "userName is the e-mail address that somebody signs in with.", "invalidValue")
    extension = filters.value_of(document, ENTERPRISE) or {}
    department = _text(extension, "department") if isinstance(extension, Mapping) else ""
    if not department:
        raise ScimRefused(400, f"{ENTERPRISE}:department is needed: it opens a department's desk.", "invalidValue")
    return Wanted(
        email, department, _text(document, "title"), _language(_text(document, "preferredLanguage")),
        _active(filters.value_of(document, "active")), _text(document, "externalId"),
    )


def members(document: Mapping[str, Any]) -> list[UUID]:
    """The accounts that a Group document has as members. Raises ScimRefused."""
    told = filters.value_of(document, "members") or []
    try:
        return [UUID(str(filters.value_of(one, "value"))) for one in told]
    except (AttributeError, TypeError, ValueError):
        raise ScimRefused(400, "members is a list of objects whose value is a user's id.", "invalidValue") from None


def listed(found: Iterable[Document], asked: Mapping[str, Any]) -> Document:
    """A page of what matches ``filter``: ``startIndex`` counts from 1, ``count`` is 200 at most."""
    text = asked.get("filter")
    matches = filters.parsed(str(text)) if text else lambda _: True
    kept = [one for one in found if matches(one)]
    start, count = max(_number(asked.get("startIndex"), 1), 1), _number(asked.get("count"), MOST_RESULTS)
    page = kept[start - 1:start - 1 + min(max(count, 0), MOST_RESULTS)]
    return {
        "schemas": [_LIST], "totalResults": len(kept), "startIndex": start, "itemsPerPage": len(page),
        "Resources": [shown(one, asked) for one in page],
    }


def shown(document: Document, asked: Mapping[str, Any]) -> Document:
    """The document with ``attributes`` alone, or without ``excludedAttributes``; ids and schemas always stay."""
    only, without = _names(asked.get("attributes")), _names(asked.get("excludedAttributes"))
    if only:
        return {key: value for key, value in document.items() if key in _ALWAYS or key.lower() in only}
    return {key: value for key, value in document.items() if key in _ALWAYS or key.lower() not in without}


def error(refused: ScimRefused) -> Document:
    """What is wrong, as a SCIM error."""
    kind = {"scimType": refused.kind} if refused.kind else {}
    return {"schemas": [_ERROR], "status": str(refused.status), "detail": refused.detail, **kind}


def _names(told: Any) -> set[str]:
    parts = told if isinstance(told, list) else str(told or "").split(",")
    names = {str(part).strip() for part in parts} - {""}
    # a part of an attribute, or of an extension, stands for the whole of it
    tops = {ENTERPRISE if name.lower().startswith(ENTERPRISE.lower()) else name.partition(".")[0] for name in names}
    return {name.rpartition(":")[2].lower() if name.startswith((USER, GROUP)) else name.lower() for name in tops}


def _number(told: Any, otherwise: int) -> int:
    try:
        return int(told)
    except (TypeError, ValueError):
        return otherwise


def _text(document: Mapping[str, Any], name: str) -> str:
    found = filters.value_of(document, name)
    if found is None:
        return ""
    if not isinstance(found, str) or len(found) > _LONGEST or "\x00" in found:
        raise ScimRefused(400, f"{name} is a text of {_LONGEST} characters at most.", "invalidValue")
    return found.strip()


def _active(told: Any) -> bool:
    """Some directories write the truth as a text."""
    if isinstance(told, str) and told.lower() in {"true", "false"}:
        return told.lower() == "true"
    if told is None or isinstance(told, bool):
        return told is not False
    raise ScimRefused(400, "active is true or false.", "invalidValue")


def _language(told: str) -> Language:
    code = told.partition("-")[0].partition("_")[0].lower()
    return Language(code) if code in set(Language) else Language.KO


def _at(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
