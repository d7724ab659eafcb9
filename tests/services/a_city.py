"""People at the doors, for tests of the services' rooms."""

from dataclasses import replace

from madang.kernel.actors import WHATEVER_IS_ASKED, Actor, ActorKind, Stated
from madang.kernel.assurance import Assurance
from madang.kernel.ids import AccountId, ResidentId, new_id
from madang.services.applications.contracts import Permission as OfApplications
from madang.services.document_review.contracts import Permission as OfReview

DISABILITY_DESK = "복지실 장애인자립지원과"
"""The department of the parking badge, as departments.yaml names it."""

MONEY = Actor.system("payments", {OfApplications.TAKE_PAYMENT, OfApplications.SEE_ANY})
MAKER = Actor.system("certificates", {OfApplications.COMPLETE, OfApplications.SEE_ANY})
REVIEWER = Actor.system("document_review", {OfApplications.REVIEW, OfApplications.SEE_ANY})


def resident(who: ResidentId, assurance: Assurance = Assurance.SUBSTANTIAL) -> Actor:
    return Actor(
        ActorKind.RESIDENT, "resident", AccountId(new_id()), who,
        frozenset({OfApplications.APPLY, OfApplications.SEE_OWN}), assurance,
    )


def saying(
    actor: Actor, purpose: str = "objection", line: str = "이의신청 검토", about: str = WHATEVER_IS_ASKED
) -> Actor:
    """The actor as one who said what they open something for."""
    doors = frozenset({OfReview.SEE_DESK, OfReview.SEE_EVERY_DESK})
    return replace(actor, stated=[Stated(about, purpose, line, doors)])


def officer(post: str = "officer 14", department: str = DISABILITY_DESK, *more: str) -> Actor:
    allowed = {OfReview.SEE_DESK, OfReview.DECIDE, OfApplications.SEE_ANY, OfApplications.REVIEW, *more}
    return Actor(
        ActorKind.OFFICER, f"{department}, {post}", AccountId(new_id()), None, frozenset(allowed),
        Assurance.SUBSTANTIAL, department,
    )
