"""How the city writes: templates and the frame of its letters, from the profile; read once and checked whole."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

from madang.commons.notify.contracts import FactKind, FactsWrong, Template, TemplateWrong
from madang.commons.notify.rules import writing
from madang.commons.notify.rules.writing import Patience
from madang.kernel.languages import Language, Text


@dataclass(frozen=True, slots=True)
class Voice:
    """The frame of every letter, from ``notify.yaml``: who writes, how the city is reached, how long it is tried."""

    sender: Text
    address: str
    list_id: str
    open_link: Text
    automatic: Text
    stop: Text
    """What leads to the address that ends such letters."""
    for_another: Text
    """What a parent or guardian reads first in a letter to somebody for whom they act."""
    reach: Text
    """The ways to reach the city, one a line."""
    patience: Patience
    keep: timedelta
    """How long a resident's messages are kept."""


def template(name: str) -> Template:
    """The template called ``name``. Raises FactsWrong when the city has none, TemplateWrong when one is broken."""
    known = templates(folder())
    if name not in known:
        message = f"there is no message template {name!r}; there are {sorted(known)}"
        raise FactsWrong(message)
    return known[name]


@cache
def templates(profile: Path) -> Mapping[str, Template]:
    """Every template of a profile by name. Raises TemplateWrong that lists all that is wrong, by file."""
    found = {file.stem: _template(file) for file in sorted((profile / "messages").glob("*.yaml"))}
    wrong = [f"messages/{name}.yaml: {what}" for name, each in found.items() for what in writing.problems(each)]
    if wrong:
        raise TemplateWrong("\n".join(wrong))
    return found


@cache
def districts(profile: Path) -> Mapping[str, Text]:
    """The profile's districts by code. Raises TemplateWrong."""
    raw = mapping(profile / "districts.yaml")
    return {str(one["code"]): Text({Language(k): v for k, v in one["name"].items()}) for one in raw["districts"]}


def folder() -> Path:
    """The folder of this city's profile."""
    return Path(settings.MADANG_PROFILE)


def voice() -> Voice:
    """The frame of this city's letters."""
    return read_voice(folder())


@cache
def read_voice(profile: Path) -> Voice:
    """The frame of a profile's letters. Raises TemplateWrong."""
    file = profile / "notify.yaml"
    raw = mapping(file)
    try:
        texts = {name: text(raw[name]) for name in ("sender", "open_link", "automatic", "stop", "for_another", "reach")}
        delivery, keep_days = raw["delivery"], int(raw["keep_days"])
        patience = Patience(
            waits=tuple(int(wait) for wait in delivery["waits_seconds"]),
            give_up_after=timedelta(days=delivery["give_up_after_days"]),
            lease=timedelta(seconds=delivery["lease_seconds"]),
        )
        return Voice(
            address=str(raw["address"]), list_id=str(raw["list_id"]), patience=patience,
            keep=timedelta(days=keep_days), **texts,
        )
    except (KeyError, TypeError, ValueError) as wrong:
        message = f"{file.name}: {wrong!r} is missing or not of its kind; compare with profiles/seoul/{file.name}"
        raise TemplateWrong(message) from wrong


def _template(file: Path) -> Template:
    raw = mapping(file)
    try:
        kinds = {str(name): FactKind(kind) for name, kind in (raw["placeholders"] or {}).items()}
        code = str(raw.get("alimtalk", ""))
        codes = {language: f"{code}-{language}" for language in Language} if code else {}
        return Template(file.stem, kinds, text(raw["subject"]), text(raw["body"]), codes)
    except (KeyError, TypeError, ValueError) as wrong:
        message = f"messages/{file.name}: {wrong!r}: it needs placeholders, subject and body in eight languages"
        raise TemplateWrong(message) from wrong


def mapping(file: Path) -> dict[str, Any]:
    """A file of the profile. Raises TemplateWrong when it is not a mapping."""
    raw = yaml.safe_load(file.read_text(encoding="utf-8"))
    if not isinstance(raw, dict):
        message = f"{file.name}: is not a mapping"
        raise TemplateWrong(message)
    return raw


def text(raw: Mapping[str, str]) -> Text:
    """A text in all eight languages. Raises ValueError."""
    if missing := set(Language) - set(raw):
        message = f"no text in {sorted(missing)}"
        raise ValueError(message)
    # One line break in the file is only the file's; an empty line is a new paragraph.
    return Text({language: raw[language].strip() for language in Language})
