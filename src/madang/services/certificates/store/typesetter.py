"""Typesetting by typst: one compiler a kind and process, so that fonts and templates are read once."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any, Final

import segno
import typst

from madang.services.certificates.contracts import KindBroken
from madang.services.certificates.store import kinds

_STANDARDS: Final = ["a-2a", "ua-1"]  # ISO 19005-2 (2011) level A, for archives; ISO 14289-1 (2014), for screen readers
_FONT_PACKAGES: Final = {
    "pylopdf_fonts_ko": ".", "pylopdf_fonts_zh_cn": ".", "pylopdf_fonts_jp": ".", "fontpkg_noto_sans": "files",
    "fontpkg_noto_sans_thai": "files",
}
_MASK: Final = 3  # one of the eight that ISO 18004 allows; trying all costs 3 ms and any reader takes each
_UNSETTABLE: Final = re.compile(r'the text (?:contains the disallowed codepoint )?`"(.+?)"`')
_GETA: Final = "〓"  # printers have always set U+3013 where they had no type for a letter
_one_at_a_time: Final = Lock()  # a compiler keeps the inputs of its last call


def typeset(kind: str, data: Mapping[str, Any], at: datetime) -> bytes:
    """The sheet as PDF/A-2a and PDF/UA-1, dated ``at``. Raises KindBroken when the template does not compile."""
    moment = at.astimezone(UTC).replace(microsecond=0)
    return _compile(kind, data, format="pdf", pdf_standards=_STANDARDS, timestamp=moment)


def picture(kind: str, data: Mapping[str, Any], dots_per_inch: float = 110) -> bytes:
    """The sheet as a PNG, to look at."""
    return _compile(kind, data, format="png", ppi=dots_per_inch)


def qr_code(url: str) -> str:
    """The address as a QR code, SVG, correcting 15% (level M)."""
    drawn = BytesIO()
    code = segno.make(url, error="m", micro=False, mask=_MASK, boost_error=False)
    code.save(drawn, kind="svg", border=2, xmldecl=False, nl=False)
    return drawn.getvalue().decode("ascii")


def _compile(kind: str, data: Any, **how: Any) -> bytes:
    compiler = _compiler(kind)
    try:
        with _one_at_a_time:
            made = compiler.compile(sys_inputs={"data": json.dumps(data, ensure_ascii=False)}, **how)
    except typst.TypstError as wrong:
        if letters := _not_set(wrong.diagnostic):
            return _compile(kind, _without(data, letters), **how)
        message = f"{kinds.folder() / kind}.typ: {wrong.message}\n{wrong.diagnostic}"
        raise KindBroken(message) from wrong
    if not isinstance(made, bytes):
        message = f"{kinds.folder() / kind}.typ fills more than one picture: set it on one sheet"
        raise KindBroken(message)
    return made


def _not_set(diagnostic: str) -> frozenset[str]:
    """The letters that the typesetter has no form for: what a resident typed must not cost them their document."""
    named = "".join(_UNSETTABLE.findall(diagnostic))
    spelt = re.sub(r"\\u\{([0-9a-f]+)\}", lambda code: chr(int(code[1], 16)), named)
    return frozenset(spelt) - {_GETA}


def _without(data: Any, letters: frozenset[str]) -> Any:
    if isinstance(data, Mapping):
        return {key: _without(value, letters) for key, value in data.items()}
    if isinstance(data, list):
        return [_without(value, letters) for value in data]
    return "".join(_GETA if letter in letters else letter for letter in data) if isinstance(data, str) else data


@cache
def _compiler(kind: str) -> typst.Compiler:
    folder = kinds.folder()
    return typst.Compiler(
        input=str(folder / f"{kind}.typ"), root=str(folder), font_paths=_fonts(), ignore_system_fonts=True,
        sys_inputs={"data": "{}"},
    )


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False,
        font_paths=[str(_folder_of(package) / inside) for package, inside in _FONT_PACKAGES.items()],
    )


def _folder_of(package: str) -> Path:
    found = find_spec(package)
    if found is None or found.origin is None:
        message = f"the font package {package} is not installed: run “make setup”"
        raise KindBroken(message)
    return Path(found.origin).parent
