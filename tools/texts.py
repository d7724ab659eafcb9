"""The city's texts in eight languages, as gettext catalogues: ``python -m tools.texts update|check|compile [room…]``.

English is the language of the code; the seven others live in each room's ``locale/``. ``update`` brings the
catalogues to what templates and code say, ``check`` fails on anything untranslated, stale or broken, and
``compile`` makes the binary files that Django reads. Babel does the work, so that no system's gettext is needed.
"""

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po, write_po

from tools import text_sources
from tools.text_sources import Found

HOUSE = Path(__file__).resolve().parents[1]
LOCALES: Sequence[str] = ("ko", "zh_Hans", "ja", "vi", "th", "mn", "ru")
_COPYRIGHT = "# Part of Madang. Apache-2.0."
_PLACEHOLDER = re.compile(r"%\([a-z_0-9]+\)[sd]|\{[a-z_0-9]*\}|%[sd]")

Key = tuple[str, str]
"""Context (empty when there is none) and the English text."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """Something in the texts that must be mended, and where."""

    file: Path
    line: int
    what: str

    def __str__(self) -> str:
        """As compilers write it, so that editors jump there."""
        return f"{self.file.relative_to(HOUSE)}:{self.line}: {self.what}"


def main(arguments: Sequence[str]) -> int:
    """Run one of the three verbs; 0 when all is well, 1 when something must be mended, 2 for a wrong call."""
    verbs = {"update": update, "check": check, "compile": compile_stale}
    applications = {app.name: app for app in text_sources.applications()}
    if not arguments or arguments[0] not in verbs or not set(arguments[1:]) <= set(applications):
        sys.stderr.write("Use: python -m tools.texts update | check | compile [room…]\n")
        sys.stderr.write(f"Rooms: {', '.join(applications)}\n")
        return 2
    return verbs[arguments[0]]([applications[name] for name in arguments[1:] or applications])


def update(apps: Sequence[Path]) -> int:
    """Bring the catalogues to what the sources say, keeping translations and taking over those made elsewhere."""
    wanted = {app: _by_key(text_sources.texts_of(app)) for app in apps}
    memory = _translated_anywhere()
    missing = 0
    for app, texts in wanted.items():
        for locale in LOCALES if texts else ():
            catalog = _renewed(app, locale, texts, memory)
            missing += sum(not _is_translated(message) for message in catalog if message.id)
            _write(_po(app, locale), catalog)
    print(f"texts: {sum(map(len, wanted.values()))} in {len(LOCALES)} languages; {missing} translations missing")
    return 0


def check(apps: Sequence[Path]) -> int:
    """Say everything that is untranslated, stale or broken; 1 when there is anything."""
    complaints = [complaint for app in apps for complaint in _complaints(app)]
    for complaint in complaints:
        print(complaint)
    if complaints:
        print(f"texts: {len(complaints)} to mend; `python -m tools.texts update` adds the new and drops the stale")
    return 1 if complaints else 0


def compile_stale(apps: Sequence[Path]) -> int:
    """Make every ``.mo`` that is older than its ``.po``."""
    made = 0
    for po in (_po(app, locale) for app in apps for locale in LOCALES):
        mo = po.with_suffix(".mo")
        if not po.exists() or (mo.exists() and mo.stat().st_mtime >= po.stat().st_mtime):
            continue
        fresh = mo.with_suffix(".new")
        with fresh.open("wb") as file:
            write_mo(file, _read(po, po.parts[-3]))
        fresh.replace(mo)
        made += 1
    print(f"texts: {made} catalogues compiled" if made else "texts: compiled catalogues are current")
    return 0


def _po(app: Path, locale: str) -> Path:
    return app / "locale" / locale / "LC_MESSAGES" / "django.po"


def _by_key(found: Sequence[Found]) -> dict[Key, list[Found]]:
    texts: dict[Key, list[Found]] = {}
    for one in found:
        texts.setdefault((one.context, one.text), []).append(one)
    return texts


def _read(po: Path, locale: str) -> Catalog:
    if not po.exists():
        return Catalog(locale=locale)
    try:
        return read_po(StringIO(po.read_text(encoding="utf-8")), locale=locale, domain="django", abort_invalid=True)
    except PoFileError as error:
        sys.exit(f"{po.relative_to(HOUSE)}: {error}")


def _key(message: Message) -> Key:
    text = message.id if isinstance(message.id, str) else message.id[0]
    return message.context or "", text


def _is_translated(message: Message) -> bool:
    forms = (message.string,) if isinstance(message.string, str) else message.string
    return bool(forms) and all(form.strip() for form in forms) and not message.fuzzy


def _translated_anywhere() -> dict[tuple[str, Key], str | tuple[str, ...]]:
    memory: dict[tuple[str, Key], str | tuple[str, ...]] = {}
    for app in text_sources.applications():
        for locale in LOCALES:
            for message in _read(_po(app, locale), locale):
                if message.id and _is_translated(message):
                    memory.setdefault((locale, _key(message)), message.string)
    return memory


def _renewed(
    app: Path, locale: str, texts: dict[Key, list[Found]], memory: dict[tuple[str, Key], str | tuple[str, ...]]
) -> Catalog:
    old = {_key(message): message for message in _read(_po(app, locale), locale) if message.id}
    new = Catalog(locale=locale, domain="django", header_comment=_COPYRIGHT, fuzzy=False)
    for key, places in sorted(texts.items()):
        first = places[0]
        kept = old[key].string if key in old else memory.get((locale, key), "")
        plural = first.plural or None
        usable = kept if isinstance(kept, str) != bool(plural) else ""
        new.add(
            (first.text, plural) if plural else first.text,
            usable or ("" if not plural else ("",) * new.num_plurals),
            locations=sorted({(str(place.file.relative_to(HOUSE)), 0) for place in places}),
            context=first.context or None,
        )
    return new


def _write(po: Path, catalog: Catalog) -> None:
    out = _Bytes()
    write_po(out, catalog, width=120, sort_output=True, include_lineno=False, omit_header=False)
    text = re.sub(r'^"(POT-Creation|PO-Revision)-Date.*\n|^"Report-Msgid.*\n|^"Last-Translator.*\n'
                  r'|^"Language-Team.*\n|^"Project-Id.*\n|^"Generated-By.*\n', "", out.text(), flags=re.MULTILINE)
    if po.exists() and po.read_text(encoding="utf-8") == text:
        return
    po.parent.mkdir(parents=True, exist_ok=True)
    po.write_text(text, encoding="utf-8")


class _Bytes:
    """A place for Babel to write to."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def write(self, data: bytes) -> None:
        self.parts.append(data)

    def text(self) -> str:
        return b"".join(self.parts).decode()


def _complaints(app: Path) -> Iterator[Complaint]:
    texts = _by_key(text_sources.texts_of(app))
    for (_, text), places in texts.items():
        if text != text.strip():
            yield Complaint(places[0].file, places[0].line, "the text begins or ends with a space: use `trimmed`")
    for locale in LOCALES:
        catalog = _read(_po(app, locale), locale)
        yield from _complaints_of(_po(app, locale), texts, {_key(m): m for m in catalog if m.id})


def _complaints_of(po: Path, texts: dict[Key, list[Found]], messages: dict[Key, Message]) -> Iterator[Complaint]:
    locale = po.parts[-3]
    for key, places in texts.items():
        message = messages.get(key)
        if message is None or not _is_translated(message):
            yield Complaint(places[0].file, places[0].line, f"not translated into {locale}: “{key[1]}”")
        elif wrong := _wrong_placeholders(message):
            yield Complaint(po, message.lineno or 1, f"{wrong} is not the same in “{key[1]}” and its translation")
    for key, message in messages.items():
        if key not in texts:
            yield Complaint(po, message.lineno or 1, f"no source says this any more: “{key[1]}”")


def _wrong_placeholders(message: Message) -> str:
    ids = (message.id,) if isinstance(message.id, str) else tuple(message.id)
    forms = (message.string,) if isinstance(message.string, str) else tuple(message.string)
    wanted = set(_PLACEHOLDER.findall(ids[-1]))
    for form in forms:
        if odd := wanted ^ set(_PLACEHOLDER.findall(form)):
            return ", ".join(sorted(odd))
    return ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
