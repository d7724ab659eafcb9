"""What is wrong with the fields of a request, in words that help to mend it."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext, gettext_noop
from ninja.errors import ValidationError

from madang.commons.gateway.problems import Problem

_DETAIL: Final = gettext_noop("Some fields need another look.")
_OTHERWISE: Final = gettext_noop("This value does not fit here.")

_SAID: Final[Mapping[str, str]] = {
    "missing": gettext_noop("This field is missing."),
    "extra_forbidden": gettext_noop("There is no such field."),
    "string_type": gettext_noop("This must be a text."),
    "string_too_long": gettext_noop("This has at most {max_length} characters."),
    "string_too_short": gettext_noop("This has at least {min_length} characters."),
    "string_pattern_mismatch": gettext_noop("This must match {pattern}."),
    "int_type": gettext_noop("This must be a whole number."),
    "int_parsing": gettext_noop("This must be a whole number."),
    "int_from_float": gettext_noop("This must be a whole number."),
    "bool_type": gettext_noop("This must be true or false."),
    "bool_parsing": gettext_noop("This must be true or false."),
    "dict_type": gettext_noop("This must be an object."),
    "model_attributes_type": gettext_noop("This must be an object."),
    "list_type": gettext_noop("This must be a list."),
    "uuid_type": gettext_noop("This must be a UUID."),
    "uuid_parsing": gettext_noop("This must be a UUID."),
    "enum": gettext_noop("This must be one of {expected}."),
    "literal_error": gettext_noop("This must be one of {expected}."),
    "greater_than": gettext_noop("This must be more than {gt}."),
    "greater_than_equal": gettext_noop("This must be at least {ge}."),
    "less_than": gettext_noop("This must be less than {lt}."),
    "less_than_equal": gettext_noop("This must be at most {le}."),
    "too_long": gettext_noop("This has at most {max_length} items."),
    "too_short": gettext_noop("This has at least {min_length} items."),
}


def problem(error: ValidationError) -> Problem:
    """The problem that lists every field that is wrong: ``body.answers.name``, ``query.limit``, ``path.case``."""
    return Problem(422, "city.invalid_fields", gettext(_DETAIL), [_by_field(found) for found in error.errors])


def _by_field(found: Mapping[str, Any]) -> Mapping[str, str]:
    text = gettext(_SAID.get(found["type"], _OTHERWISE)).format_map(found.get("ctx", {}))
    return {"field": _place(found["loc"]), "code": str(found["type"]), "message": text}


def _place(where: tuple[Any, ...]) -> str:
    # ninja puts the name of the function's argument between "body" and the field
    source, *path = where
    kept = path[1:] if source in {"body", "form"} else path
    return ".".join(str(part) for part in (source, *kept))
