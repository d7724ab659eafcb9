"""What the city lets a machine decide at all."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from madang.kernel.languages import to_translate
from madang.records.catalogue.contracts import FieldKind, Processing, Service
from madang.services.applications.contracts import Case, CaseId
from madang.services.document_review.contracts import Check, Finding, Kind, Review


@dataclass(frozen=True, slots=True)
class Policy:
    """The city's profile about reviews (``review.yaml``)."""

    own_word_suffices: Collection[FieldKind] = frozenset()
    """Kinds of questions in which a resident may correct a register without anybody looking."""
    sampled: float = 0.0
    """The share of cases, from 0 to 1, that an officer sees though a machine might approve them."""
    sampled_by_service: Mapping[str, float] = field(default_factory=dict)
    at_hand: timedelta = timedelta(hours=8)
    """How long after its decision a case may still be opened for having decided it."""

    def share_of(self, service: str) -> float:
        """The share for one service."""
        return self.sampled_by_service.get(service, self.sampled)


def checks(case: Case, service: Service, policy: Policy) -> Iterator[Check]:
    """Who may decide, how surely the resident was known, and whether the case was drawn for a second look."""
    by_machine = service.processing is Processing.AUTOMATIC
    yield Check(
        Kind.POLICY, "policy.who_decides", "service.processing", Finding.HOLDS if by_machine else Finding.UNCLEAR,
        to_translate("A machine may approve this when every check holds.") if by_machine
        else to_translate("This service is decided by an officer."),
        found=service.processing.value,
    )
    known = case.assurance >= service.assurance
    yield Check(
        Kind.POLICY, "policy.assurance", "case.assurance", Finding.HOLDS if known else Finding.FAILS,
        to_translate("It was sure enough who sent this.") if known
        else to_translate("It was not sure enough who sent this."),
        found=f"{case.assurance.name.lower()} / {service.assurance.name.lower()}",
    )
    if is_drawn(case.id, policy.share_of(service.id)):
        yield Check(
            Kind.POLICY, "policy.sample", "case.id", Finding.UNCLEAR,
            to_translate("This request was drawn for a second look by an officer. It says nothing about your answers."),
        )


def is_at_hand(review: Review, policy: Policy, now: datetime) -> bool:
    """Whether deciding is reason enough to open a case: it waits, or an officer decided it only just now."""
    return review.waits or (review.decision is not None and now - review.decision.at < policy.at_hand)


def is_drawn(case: CaseId, share: float) -> bool:
    """Whether a case is among the ``share`` that is drawn: the same answer for everybody who asks, at any time."""
    return int.from_bytes(sha256(case.bytes).digest()[:8], "big") < share * 2**64
