"""Kinds of documents as data: ``profiles/<city>/certificates/<kind>.yaml`` beside ``<kind>.typ``."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

from madang.kernel.languages import Language, Text
from madang.records.registers.contracts import Register
from madang.services.certificates.contracts import DocumentKind, KindBroken, Row
from madang.services.certificates.rules.sheet import Wording

_NEEDED = frozenset({
    "authority", "number", "valid_short", "valid_until", "as_of", "law", "whole_law", "how",
    "synthetic", "qr_alt", "seal_alt",
})


def folder() -> Path:
    """Where the kinds of this city lie."""
    return Path(settings.MADANG_PROFILE) / "certificates"


@cache
def kind(name: str) -> DocumentKind:
    """The kind called ``name``, read once a process. Raises KindBroken."""
    file = folder() / f"{name}.yaml"
    if not file.exists() or not file.with_suffix(".typ").exists():
        message = f"{file}: a service ends in “{name}”, but the profile has no {name}.yaml with a {name}.typ beside it"
        raise KindBroken(message)
    told = _read(file)
    try:
        return DocumentKind(
            id=name, title=_text(told["title"]), certifies=_text(told["certifies"]), holder=told["holder"],
            rows=[_row(row) for row in told["rows"]], lead=_row(told["lead"]) if "lead" in told else None,
        )
    except (KeyError, ValueError, TypeError) as wrong:
        message = f"{file}: {wrong!r}: a kind has title, certifies, holder and rows, see docs/certificates.md"
        raise KindBroken(message) from wrong


@cache
def wording() -> Wording:
    """The words that all kinds share, read once a process. Raises KindBroken."""
    file = folder() / "words.yaml"
    told = _read(file)
    if missing := _NEEDED - told.keys():
        message = f"{file}: {', '.join(sorted(missing))} missing"
        raise KindBroken(message)
    city = _read(folder().parent / "city.yaml")
    return Wording({name: _text(told[name]) for name in _NEEDED}, str(told["seal"]), _text(city["name"]))


@cache
def kinds() -> Mapping[str, DocumentKind]:
    """Every kind that the profile has. Raises KindBroken."""
    return {file.stem: kind(file.stem) for file in sorted(folder().glob("*.yaml")) if file.stem != "words"}


def _read(file: Path) -> dict[str, Any]:
    told: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return told


def _text(told: Mapping[str, str]) -> Text:
    return Text({Language(code): text for code, text in told.items()})


def _row(told: Mapping[str, Any]) -> Row:
    return Row(
        answer=told.get("answer", ""), also=told.get("also", ""),
        register=Register(told["register"]) if "register" in told else None, field=told.get("field", ""),
        when=told.get("when", ""), is_date=told.get("as") == "date",
        label=_text(told["label"]) if "label" in told else None, text=_text(told["text"]) if "text" in told else None,
        of_service=told.get("service", ""), whole_form=told.get("form", False),
        leave_out=frozenset(told.get("leave_out", ())),
    )
