"""What a service of the right shape may still get wrong: names that name nothing, texts that are not there."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from msgspec import Struct, structs

from madang.kernel.languages import Language
from madang.records.catalogue.contracts import Archetype, FieldKind, Processing, won_said
from madang.records.catalogue.rules.merging import Fault, Path
from madang.records.catalogue.rules.shape import EvidenceShape, FieldShape, ServiceShape, TextsShape

Registers = Mapping[str, Mapping[str, Collection[str]]]
"""The registers' fields, and the values that a field can have (none listed: any)."""

_PLACES = {"community_center", "district_office", "kiosk"}
_NO_MARKUP = re.compile(r"[<>\x00-\x08\x0b-\x1f\x7f\ufffd\u202a-\u202e\u2066-\u2069]")
_MINUTES_PER_DAY = 24 * 60
_YES_NO = ("yes", "no")


def faults(service: ServiceShape, registers: Registers) -> Iterator[Fault]:
    """Every mistake in a service of the right shape, other than in its texts."""
    for check in (_names, _promises, _fee, _offline, _provenance):
        yield from check(service)
    for path, field in _fields(service):
        yield from _question(path, field)
        if field.source:
            yield from _in_register((*path, "source"), field.source.register, field.source.field, registers)
    names = [field.name for _, field in _fields(service)]
    for index, evidence in enumerate(service.evidence):
        yield from _proof(("evidence", index), evidence, names, registers)


WITHOUT: Mapping[Path, Collection[Language]] = {
    ("purpose",): frozenset({Language.TH, Language.MN, Language.RU}),
    ("keywords",): frozenset(Language) - {Language.KO, Language.EN},
}
"""The languages that a service which follows a pattern may leave out; its page then shows English and says so."""


def text_faults(
    value: object, path: Path = (), without: Mapping[Path, Collection[Language]] | None = None
) -> Iterator[Fault]:
    """Every text within ``value`` that lacks a language or holds what is no plain text.

    ``without`` says which languages the text at a path may lack.
    """
    lacking = without or {}
    if isinstance(value, dict) and value and all(isinstance(key, Language) for key in value):
        yield from _one_text(value, path, lacking.get(path, ()))
    elif isinstance(value, Struct) and not isinstance(value, TextsShape):
        for name, inner in structs.asdict(value).items():
            yield from text_faults(inner, (*path, name), lacking)
    elif isinstance(value, list | dict):
        for key, inner in enumerate(value) if isinstance(value, list) else value.items():
            yield from text_faults(inner, (*path, key), lacking)


def _one_text(
    text: Mapping[Language, str | list[str]], path: Path, may_lack: Collection[Language]
) -> Iterator[Fault]:
    for language in Language:
        words = text.get(language) or ""
        shown = words if isinstance(words, str) else " ".join(words)
        if not shown.strip() and language not in may_lack:
            yield Fault(path, f"has no text in {language.own_name} ({language})", f"add “{language}:”")
        elif bad := _NO_MARKUP.search(shown):
            yield Fault((*path, language), f"holds {bad[0]!r}", "write plain text: no markup, no control characters")


def _names(service: ServiceShape) -> Iterator[Fault]:
    steps = service.steps
    yield from _distinct((("steps", at, "name"), step.name) for at, step in enumerate(steps))
    yield from _distinct(((*path, "name"), field.name) for path, field in _fields(service))
    yield from _distinct((("evidence", at, "name"), proof.name) for at, proof in enumerate(service.evidence))
    yield from _distinct((("offline", at, "kind"), way.kind) for at, way in enumerate(service.offline))
    for language, words in service.keywords.items():
        yield from _distinct((("keywords", language, at), word) for at, word in enumerate(words))


def _distinct(named: Iterable[tuple[Path, str]]) -> Iterator[Fault]:
    seen: Counter[str] = Counter()
    for path, name in named:
        seen[name] += 1
        if seen[name] > 1:
            yield Fault(path, f"“{name}” stands here twice", "give each a name of its own")


def _fee(service: ServiceShape) -> Iterator[Fault]:
    if not (wanted := service.fee_answer):
        return
    asked = {field.name: field for _, field in _fields(service)}
    if wanted not in asked or not _tells_amount(asked[wanted]):
        remedy = "name a question with “kind: number” and “least: 1” or more, or a choice of values such as day_1000"
        yield Fault(("fee_answer",), f"“{wanted}” asks for no amount", remedy)
    elif service.fee:
        yield Fault(("fee",), "stands beside fee_answer", "keep one: what everybody pays, or what is asked for")


def _tells_amount(question: FieldShape) -> bool:
    if question.kind is FieldKind.CHOICE:
        return all(won_said(choice.value) for choice in question.choices)
    return question.kind is FieldKind.NUMBER and bool(question.least)


def _promises(service: ServiceShape) -> Iterator[Fault]:
    if service.time.usual_minutes > service.time.working_days * _MINUTES_PER_DAY:
        yield Fault(("time",), "usually takes longer than promised", "raise working_days or lower usual_minutes")
    if service.processing is Processing.AUTOMATIC and service.archetype is Archetype.DOCUMENT and not service.evidence:
        yield Fault(("evidence",), "is empty, so anything would be approved", "name at least one fact to be proved")
    if service.archetype is Archetype.DOCUMENT and service.outcome is None:
        yield Fault(("outcome",), "names no document", "add “outcome: {document: …, valid_days: …}”")


def _offline(service: ServiceShape) -> Iterator[Fault]:
    if _PLACES.isdisjoint(way.kind for way in service.offline):
        remedy = f"add a place that one can walk to: {', '.join(sorted(_PLACES))}"
        yield Fault(("offline",), "offers no way without a device or a phone", remedy)


def _provenance(service: ServiceShape) -> Iterator[Fault]:
    if Language.KO in service.texts.machine:
        yield Fault(("texts", "machine"), "names Korean, which is the original", "take “ko” out")
    for language, version in service.texts.behind.items():
        if version >= service.texts.source_version:
            what = f"version {version} is not behind source_version {service.texts.source_version}"
            yield Fault(("texts", "behind", language), what, "take the language out: it is up to date")


def _fields(service: ServiceShape) -> Iterator[tuple[Path, FieldShape]]:
    for at, step in enumerate(service.steps):
        for index, field in enumerate(step.fields):
            yield ("steps", at, "fields", index), field


def _question(path: Path, field: FieldShape) -> Iterator[Fault]:
    for name, wrong, what, remedy in _QUESTION_CHECKS:
        if wrong(field):
            yield Fault((*path, name), what, remedy)
    yield from _distinct(((*path, "choices", at, "value"), choice.value) for at, choice in enumerate(field.choices))
    if field.pattern:
        yield from _compiles((*path, "pattern"), field.pattern)


_QUESTION_CHECKS: tuple[tuple[str, Callable[[FieldShape], bool], str, str], ...] = (
    (
        "choices",
        lambda field: field.kind is FieldKind.CHOICE and len(field.choices) < 2,  # noqa: PLR2004 -- one is no choice
        "gives less than two choices",
        "add “choices:”, each with a value and a label",
    ),
    (
        "choices",
        lambda field: field.kind is not FieldKind.CHOICE and bool(field.choices),
        "gives choices to a question that is no choice",
        "say “kind: choice”, or take the choices out",
    ),
    (
        "default",
        lambda field: bool(field.default) and field.default not in _answers(field),
        "is not one of the answers that can be given",
        "use the value of one of the choices; “yes” or “no”, in quotes, for a yes_no question",
    ),
    (
        "locked",
        lambda field: field.locked and field.source is None,
        "locks a question that no register answers",
        "add “source: {register: …, field: …}” or take “locked” out",
    ),
    (
        "claim",
        lambda field: bool(field.claim) and (field.source is not None or field.kind is not FieldKind.YES_NO),
        "lets a wallet answer what a register answers, or what is no yes or no",
        "take “claim” out, or “source”, and say “kind: yes_no”",
    ),
    (
        "least",
        lambda field: field.least is not None and field.most is not None and field.least > field.most,
        "is more than most",
        "swap the two",
    ),
    (
        "pattern",
        lambda field: bool(field.pattern) and field.kind not in {FieldKind.TEXT, FieldKind.LONG_TEXT},
        "is given for a question that is no text",
        "take it out: this kind has a check of its own",
    ),
)


def _answers(field: FieldShape) -> Collection[str]:
    """What can be answered; the default itself where anything can."""
    if field.kind is FieldKind.CHOICE:
        return [choice.value for choice in field.choices]
    return _YES_NO if field.kind is FieldKind.YES_NO else [field.default]


def _compiles(path: Path, pattern: str) -> Iterator[Fault]:
    try:
        re.compile(pattern)
    except re.error as wrong:
        yield Fault(path, f"is no regular expression: {wrong}", "mend it, or take it out")


def _in_register(path: Path, register: str, field: str, registers: Registers) -> Iterator[Fault]:
    if register not in registers:
        yield Fault((*path, "register"), f"“{register}” is no register", f"use one of: {', '.join(registers)}")
    elif field not in registers[register]:
        known = ", ".join(registers[register])
        yield Fault((*path, "field"), f"“{field}” is no field of {register}", f"use one of: {known}")


def _proof(path: Path, evidence: EvidenceShape, names: Collection[str], registers: Registers) -> Iterator[Fault]:
    wrong = list(_in_register(path, evidence.register, evidence.field, registers))
    yield from wrong
    answer = evidence.expect.removeprefix("answer:")
    if answer != evidence.expect:
        if answer not in names:
            yield Fault((*path, "expect"), f"“{answer}” is no question of this form", f"use one of: {', '.join(names)}")
    elif not wrong and evidence.expect != "present":
        values = registers[evidence.register][evidence.field]
        if values and evidence.expect not in values:
            what = f"{evidence.register}.{evidence.field} is never “{evidence.expect}”"
            yield Fault((*path, "expect"), what, f"use one of: {', '.join(values)}, answer:NAME, present")
