"""People at the doors, for tests of the services' rooms."""

from madang.kernel.actors import Actor, ActorKind
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


def officer(post: str = "officer 14", department: str = DISABILITY_DESK, *more: str) -> Actor:
    allowed = {OfReview.SEE_DESK, OfReview.DECIDE, OfApplications.SEE_ANY, OfApplications.REVIEW, *more}
    return Actor(
        ActorKind.OFFICER, f"{department}, {post}", AccountId(new_id()), None, frozenset(allowed),
        Assurance.SUBSTANTIAL, department,
    )
