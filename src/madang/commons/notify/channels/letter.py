"""Letters by post: set by typst for a window envelope, handed to the printing house as batches with a manifest."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any, Final

import typst
from babel.dates import format_date
from django.conf import settings

from madang.commons.notify import profile
from madang.commons.notify.contracts import Carried, DeliveryState, PostalAddressWrong
from madang.commons.notify.contracts import Letter as ToCarry
from madang.commons.notify.rules import addresses
from madang.kernel import clock
from madang.kernel.ids import new_id
from madang.kernel.languages import Language

_FONTS: Final = {
    "pylopdf_fonts_ko": ".", "pylopdf_fonts_zh_cn": ".", "pylopdf_fonts_jp": ".", "fontpkg_noto_sans": "files",
    "fontpkg_noto_sans_thai": "files",
}
_LOCALES: Final = {Language.ZH: "zh_Hans"}
_LONGEST_NAME: Final = 60
_one_at_a_time: Final = Lock()  # a compiler keeps the inputs of its last call


class Post:
    """Letters on paper, registered, so that the handing over is confirmed."""

    name = "letter"
    at_once = False
    batch = 200
    repeatable = True
    """A letter's file is named for its id: the printing house takes each id once."""

    def carry(self, letters: Sequence[ToCarry]) -> Iterator[Carried]:
        """Put a batch of PDFs with their manifest into ``<instance>/outbound/letters``; it appears there whole."""
        outbound = Path(settings.MADANG_INSTANCE) / "outbound" / "letters"
        batch = str(new_id())
        making = outbound / f".{batch}"
        making.mkdir(parents=True)
        outcomes, lines = [], []
        for letter in letters:
            outcome, line = _put(letter, making, batch)
            outcomes.append(outcome)
            lines += [line] if line else []
        manifest = {"batch": batch, "made": clock.now().isoformat(), "letters": lines}
        (making / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False, indent=1), encoding="utf-8")
        making.rename(outbound / batch)
        yield from outcomes


def address(name: str, typed: str) -> str:
    """A name and a road-name address as two lines. Raises PostalAddressWrong."""
    plain = " ".join(name.split())[:_LONGEST_NAME]
    if not plain:
        raise PostalAddressWrong(typed=typed[:80])
    return f"{plain}\n{addresses.postal(typed)}"


def typeset(letter: ToCarry) -> bytes:
    """The letter as PDF/A-2b. Raises PostalAddressWrong for an address that no envelope shows."""
    name, _, line = letter.address.partition("\n")
    street, detail, postcode = addresses.postal_lines(line)
    voice, message = profile.voice(), letter.message
    language = message.language
    moment = clock.in_seoul(message.at)
    data = {
        "name": name, "street": street, "detail": detail, "postcode": postcode, "lang": language.value,
        "sender": voice.sender.into(language), "subject": message.title, "paragraphs": list(message.paragraphs),
        "date": str(format_date(moment, "long", _LOCALES.get(language, language))),
        "reach": voice.reach.into(language).splitlines(), "number": str(letter.id),
    }
    return _compile(data, moment)


def _put(letter: ToCarry, folder: Path, batch: str) -> tuple[Carried, dict[str, Any] | None]:
    try:
        pdf = letter.ready or typeset(letter)
    except PostalAddressWrong as wrong:
        return Carried(DeliveryState.GIVEN_UP, str(wrong)[:300], bounced=True), None
    file = folder / f"{letter.id}.pdf"
    file.write_bytes(pdf)
    name, _, line = letter.address.partition("\n")
    told = {
        "id": str(letter.id), "file": file.name, "name": name, "address": line, "registered": True,
        "language": letter.message.language.value,
    }
    return Carried(DeliveryState.SENT, provider=batch), told


def _compile(data: dict[str, Any], moment: datetime) -> bytes:
    with _one_at_a_time:
        made = _compiler(profile.folder() / "letters").compile(
            sys_inputs={"data": json.dumps(data, ensure_ascii=False)}, format="pdf", pdf_standards=["a-2b"],
            timestamp=moment.astimezone(UTC).replace(microsecond=0),
        )
    if not isinstance(made, bytes):
        message = "letters/letter.typ gave no document"
        raise TypeError(message)
    return made


@cache
def _compiler(folder: Path) -> typst.Compiler:
    places = [(find_spec(package), inside) for package, inside in _FONTS.items()]
    fonts = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False,
        font_paths=[str(Path(spec.origin).parent / inside) for spec, inside in places if spec and spec.origin],
    )
    return typst.Compiler(
        input=str(folder / "letter.typ"), root=str(folder), font_paths=fonts, ignore_system_fonts=True,
        sys_inputs={"data": "{}"},
    )
