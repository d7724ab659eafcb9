"""Where the city's English texts stand: templates, ``gettext`` calls, and what errors and mistakes say."""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import django
from babel.messages.extract import extract
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[1] / "src" / "madang"
HEIRS = {ROOT / "commons" / "gateway": (ROOT / "kernel", ROOT / "commons" / "db", ROOT / "commons" / "work")}
"""Folders without an application of their own: the gateway says their texts."""

_KEYWORDS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop", "to_translate"), None),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}
_UTF_8 = {"encoding": "utf-8"}
_SAID_BY = {"message", "note"}
"""Attributes and arguments whose English text is the key of its translations."""
_SAID_AT = {"Mistake": 2, "Happening": 3, "Reason": 1}
"""The same, where it is given without a name."""


@dataclass(frozen=True, slots=True)
class Found:
    """An English text and where it stands."""

    file: Path
    line: int
    text: str
    plural: str = ""
    context: str = ""


def applications() -> Sequence[Path]:
    """The folders of our Django applications."""
    return sorted(file.parent for file in ROOT.rglob("apps.py"))


def texts_of(app: Path) -> list[Found]:
    """Every text of an application, in the order of its files; an application within it has its own."""
    found: list[Found] = []
    within = [other for other in applications() if app in other.parents]
    for folder in (app, *HEIRS.get(app, ())):
        for file in sorted(folder.rglob("*")):
            if any(other in file.parents for other in within):
                continue
            if file.suffix in {".html", ".txt"} and "templates" in file.parts:
                found.extend(_in_template(file))
            elif file.suffix == ".py" and "migrations" not in file.parts:
                found.extend(_in_python(file))
    return found


def _in_template(file: Path) -> Iterator[Found]:
    if not settings.configured:
        settings.configure()
        django.setup()
    source = templatize(file.read_text(encoding="utf-8"), origin=str(file))
    # the tokenizer would take a page's indentation for Python's
    yield from _calls(file, re.sub(r"^[ \t]+", "", source, flags=re.MULTILINE))


def _in_python(file: Path) -> Iterator[Found]:
    source = file.read_text(encoding="utf-8")
    yield from _calls(file, source)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ClassDef):
            yield from _said_by_class(file, node)
        elif isinstance(node, ast.Call) and _name(node.func)[:1].isupper():
            yield from _said_in_call(file, node)


def _calls(file: Path, source: str) -> Iterator[Found]:
    for line, message, _, context in extract("python", BytesIO(source.encode()), _KEYWORDS, (), _UTF_8):
        text, plural = (message, "") if isinstance(message, str) else (message[0], message[1])
        yield Found(file, line, text, plural or "", context or "")


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _said_by_class(file: Path, node: ast.ClassDef) -> Iterator[Found]:
    said = dict(_assigned(node))
    if "code" in said and "message" in said:
        yield Found(file, said["message"].lineno, ast.literal_eval(said["message"]))


def _assigned(node: ast.ClassDef) -> Iterator[tuple[str, ast.expr]]:
    for line in node.body:
        targets = line.targets if isinstance(line, ast.Assign) else [getattr(line, "target", None)]
        value = getattr(line, "value", None)
        if isinstance(targets[0], ast.Name) and isinstance(value, ast.expr):
            yield targets[0].id, value


def _said_in_call(file: Path, node: ast.Call) -> Iterator[Found]:
    position = _SAID_AT.get(_name(node.func))
    by = _SAID_BY | {"text"} if _name(node.func) == "Reason" else _SAID_BY
    said = [argument.value for argument in node.keywords if argument.arg in by]
    if position is not None and len(node.args) > position:
        said.append(node.args[position])
    for text in said:
        if isinstance(text, ast.Constant) and isinstance(text.value, str):
            yield Found(file, text.lineno, text.value)
