"""How a message is written, and when a failed delivery is tried again."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from string import Formatter

from babel.dates import format_date

from madang.commons.notify.contracts import FactKind, FactsWrong, Template, TemplateWrong
from madang.kernel import clock
from madang.kernel.languages import Language, Text

LONGEST_FACT = 300
"""Characters; a name or a number is shorter, and nothing longer belongs in a message."""

_LOCALES: Mapping[Language, str] = {Language.ZH: "zh_Hans"}
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a delivery is tried: the waits in seconds after each failure (the last repeats), and for how long."""

    waits: tuple[int, ...]
    give_up_after: timedelta
    lease: timedelta
    """How long a begun try keeps others away; when its worker dies, the next try starts after it."""


def next_try(patience: Patience, attempts: int, told: datetime, now: datetime) -> datetime | None:
    """When a delivery that failed ``attempts`` times is tried again, or None when it is given up."""
    wait = patience.waits[min(max(attempts, 1), len(patience.waits)) - 1]
    at = now + timedelta(seconds=wait)
    return at if at <= told + patience.give_up_after else None


def write(text: Text, template: Template, facts: Mapping[str, str | Text], language: Language) -> str:
    """``text`` in ``language`` with the facts filled in. Raises FactsWrong, naming the template and the fact."""
    said = {name: _fact(template, name, facts, language) for name in template.placeholders}
    return re.sub(r"\{(\w+)\}", lambda found: said[found[1]], text.into(language)).strip()


def problems(template: Template) -> Iterator[str]:
    """What is wrong with a template: a language without a text, or a text whose placeholders are not the declared."""
    declared = set(template.placeholders)
    for language in Language:
        texts = [text.by_language.get(language, "") for text in (template.subject, template.body)]
        if not all(texts):
            yield f"{language}: the subject or the body is missing"
            continue
        try:
            used = placeholders("\n".join(texts))
        except TemplateWrong as wrong:
            yield f"{language}: {wrong}"
            continue
        if used != declared:
            yield f"{language}: names {sorted(used)}, declared are {sorted(declared)}"
        if "\n" in texts[0].strip():
            yield f"{language}: the subject is longer than one line"


def placeholders(text: str) -> set[str]:
    """The names between braces. Raises TemplateWrong for anything that is more than a name."""
    try:
        found = [(name, form, conversion) for _, name, form, conversion in Formatter().parse(text) if name is not None]
    except ValueError as wrong:
        raise TemplateWrong(str(wrong)) from wrong
    for name, form, conversion in found:
        if not name.isidentifier() or form or conversion:
            message = f"{{{name}}} is not a plain placeholder: write {{name}}"
            raise TemplateWrong(message)
    return {name for name, _, _ in found}


def one_line(text: str) -> str:
    """Text without control characters or marks that reverse the writing, so that it cannot break out of its place."""
    return _UNPRINTABLE.sub(" ", text).strip()[:LONGEST_FACT]


def _fact(template: Template, name: str, facts: Mapping[str, str | Text], language: Language) -> str:
    given = facts.get(name)
    if not given:
        message = f"{template.name} needs the fact {name!r}; given were {sorted(facts)}"
        raise FactsWrong(message)
    plain = one_line(given.into(language) if isinstance(given, Text) else given)
    try:
        return _WRITERS[template.placeholders[name]](plain, language)
    except ValueError as wrong:
        message = f"{template.name}: the fact {name!r} is {plain!r}, not a {template.placeholders[name]}"
        raise FactsWrong(message) from wrong


def _date(text: str, language: Language) -> str:
    day = date.fromisoformat(text) if len(text) == len("2026-01-01") else clock.in_seoul(datetime.fromisoformat(text))
    return str(format_date(day, "long", _LOCALES.get(language, language)))


def _won(text: str, language: Language) -> str:
    amount = int(text)
    return f"{amount:,}원" if language is Language.KO else f"₩{amount:,}"


def _text(text: str, _: Language) -> str:
    return text


_WRITERS: Mapping[FactKind, Callable[[str, Language], str]] = {
    FactKind.TEXT: _text, FactKind.DATE: _date, FactKind.WON: _won,
}
