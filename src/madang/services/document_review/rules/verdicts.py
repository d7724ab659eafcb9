"""What checks lead to. A machine approves or hands to a person: there is no third way, and none to a refusal."""

from collections.abc import Iterator, Mapping, Sequence
from unicodedata import category

from madang.kernel.languages import to_translate
from madang.records.catalogue.contracts import Archetype, Service
from madang.services.applications.contracts import Case, Mistake, Reason
from madang.services.document_review.contracts import (
    Check,
    Finding,
    Kind,
    ReasonMissing,
    Review,
    Suggestion,
    Verdict,
)
from madang.services.document_review.rules import consistency, cross_reference, policy
from madang.services.document_review.rules.reading import Reading

ALL_HOLD = Reason("checks.all_hold", to_translate("Every check held."))

_FEWEST_LETTERS = 5
_WELL_FORMED = to_translate("The form is complete and well formed.")


def checks_of(
    case: Case, service: Service, reading: Reading, mistakes: Sequence[Mistake], city: policy.Policy
) -> list[Check]:
    """Every check of a case, in the order in which an officer reads them."""
    return [
        *_form(case, mistakes),
        *consistency.checks(case, service),
        *cross_reference.checks(case, service, reading, city),
        *policy.checks(case, service, city),
    ]


def verdict(checks: Sequence[Check]) -> Verdict:
    """Approve when there are checks and every one holds; else a person decides."""
    holds = bool(checks) and all(check.finding is Finding.HOLDS for check in checks)
    return Verdict.APPROVE if holds else Verdict.HAND_TO_PERSON


def reasons_for_a_person(review: Review) -> list[Reason]:
    """Why a person decides, as the resident reads it."""
    return [check.as_reason() for check in review.open_checks]


def overrules(suggestion: Suggestion, *, approve: bool) -> bool:
    """Whether an officer's decision goes against what the machine suggested."""
    return suggestion is (Suggestion.AGAINST if approve else Suggestion.APPROVE)


def ends_in_words(service: Service) -> bool:
    """Whether what the officer writes is what the resident gets: an answer, or how much a benefit is and when."""
    return service.outcome is None or service.archetype is Archetype.BENEFIT


def readable_reason(given: str, suggestion: Suggestion, *, approve: bool, ends_in_words: bool = False) -> str:
    """The officer's reason as the resident will read it; it may be empty for an approval that the checks support.

    Not so where the service ends in the officer's words. Raises ReasonMissing.
    """
    reason = " ".join(given.split())
    needed = not approve or ends_in_words or overrules(suggestion, approve=True)
    letters = sum(letter.isalpha() for letter in reason)
    broken = any(category(letter) in {"Cc", "Cs"} for letter in reason)
    if broken or len(reason) > ReasonMissing.longest or (needed and letters < _FEWEST_LETTERS):
        raise ReasonMissing
    return reason


def reasons_of_officer(reason: str, service: Service, *, approve: bool) -> list[Reason]:
    """What the resident reads: the officer's words and, when refused, the way to appeal."""
    own = [Reason("officer", reason)] if reason else []
    return own if approve else [*own, Reason("appeal", "You can appeal against this decision.", wording=service.appeal)]


def _form(case: Case, mistakes: Sequence[Mistake]) -> Iterator[Check]:
    values: Mapping[str, str] = case.values
    for mistake in mistakes:
        yield Check(
            Kind.FORMAT, f"form.{mistake.code}", f"answers.{mistake.field}", Finding.FAILS, mistake.message,
            found=values.get(mistake.field, ""), facts=mistake.facts, question=mistake.field,
        )
    if not mistakes:
        yield Check(Kind.FORMAT, "form.complete", "answers", Finding.HOLDS, _WELL_FORMED)
