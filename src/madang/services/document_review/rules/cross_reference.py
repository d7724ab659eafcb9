"""Answers and evidence against the registers."""

from collections.abc import Iterator

from madang.kernel.languages import to_translate
from madang.records.catalogue.contracts import Evidence, Field, Service, Source
from madang.services.applications.contracts import Answer, AnswerFrom, Case
from madang.services.document_review.contracts import Check, Finding, Kind
from madang.services.document_review.rules.policy import Policy
from madang.services.document_review.rules.reading import Reading, answer_named, same, value_in

_PROVED = to_translate("The register bears this out.")
_NOT_PROVED = to_translate("The register does not bear this out.")
_CORRECTED = to_translate("This is not what the register says. An officer compares the two.")
_NO_ENTRY = to_translate("The register has no entry to compare this with. An officer looks at it.")
_AGREES = to_translate("This is what the register says.")
_OWN_WORD = to_translate("Your own word is enough for this.")


def checks(case: Case, service: Service, reading: Reading, policy: Policy) -> Iterator[Check]:
    """Every piece of evidence, and every answer of the resident's on which a register has a word of its own.

    What a piece of evidence compares already is not compared again.
    """
    for evidence in service.evidence:
        yield _proof(evidence, case, reading)
    proved = {(answer_named(evidence), evidence.register, evidence.field) for evidence in service.evidence}
    for field in service.fields():
        answer, source = case.answers.get(field.name), field.source
        if source is None or answer is None or (field.name, source.register, source.field) in proved:
            continue
        if answer.by is AnswerFrom.RESIDENT and answer.value:
            yield _comparison(field, source, answer, reading, policy)


def _proof(evidence: Evidence, case: Case, reading: Reading) -> Check:
    said = value_in(reading, evidence.register, evidence.field)
    name = answer_named(evidence)
    answered = case.values.get(name, "") if name else ""
    holds = bool(said) and (
        evidence.expect == "present" or same(said or "", answered if name else evidence.expect)
    )
    read = f"{evidence.register}.{evidence.field}"
    return Check(
        Kind.CROSS_REFERENCE, f"evidence.{evidence.name}", f"{read}, answers.{name}" if name else read,
        Finding.HOLDS if holds else Finding.FAILS, _PROVED if holds else _NOT_PROVED,
        found=_shown(said, answered), question=name, wording=None if holds else evidence.reason,
    )


def _comparison(field: Field, source: Source, answer: Answer, reading: Reading, policy: Policy) -> Check:
    said = value_in(reading, source.register, source.field)
    finding, reason = _compared(field, said, answer.value, policy)
    return Check(
        Kind.CROSS_REFERENCE, "answers.as_registered", f"{source.register}.{source.field}, answers.{field.name}",
        finding, reason, found=_shown(said, answer.value), question=field.name,
    )


def _compared(field: Field, said: str | None, answered: str, policy: Policy) -> tuple[Finding, str]:
    if said and same(said, answered):
        return Finding.HOLDS, _AGREES
    if field.kind in policy.own_word_suffices and not field.locked:
        return Finding.HOLDS, _OWN_WORD
    return Finding.UNCLEAR, _CORRECTED if said else _NO_ENTRY


def _shown(said: str | None, answered: str) -> str:
    """What stood there, for the officer: the register's word, then the resident's where there is one."""
    return f"{'–' if said is None else said} / {answered}" if answered else "–" if said is None else said
