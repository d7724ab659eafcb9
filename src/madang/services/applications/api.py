"""Applications over HTTP."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext
from ninja.responses import Response
from pydantic import Field

from madang.commons.gateway import http_api
from madang.commons.gateway.http_api import (
    CityRequest,
    Page,
    Paging,
    Query,
    Schema,
    Slice,
    idempotent,
    once,
    takes_key,
)
from madang.kernel.languages import Language
from madang.records.catalogue.contracts import ServiceId
from madang.services.applications import facade
from madang.services.applications.contracts import Answer, AnswerFrom, Case, Mistake, Standing
from madang.services.applications.contracts.further import AskKind
from madang.services.applications.contracts.parties import Capacity, Party, PartyStanding

router = http_api.router("cases")

Number = Annotated[str, Field(max_length=40, description="A case's number, `2026-K7QF-3M9F`, or its id.")]
Typed = Annotated[
    dict[Annotated[str, Field(max_length=100)], Annotated[str, Field(max_length=10_000)]],
    Field(max_length=200, description="What was typed, by question; the service names its questions."),
]


class CaseIn(Schema):
    """A request to begin, or with ``submit`` to send at once."""

    service: Annotated[str, Field(max_length=100, examples=["resident-register-extract"])]
    answers: Typed = Field(default_factory=dict)
    language: Language | None = Field(None, description="The language of the case; without it, the request's.")
    submit: bool = Field(default=False, description="Send it now: everything must be right, or nothing is kept.")


class AnswersIn(Schema):
    """What was typed to a draft since."""

    answers: Typed
    language: Language | None = None
    seen: dict[str, str] | None = Field(
        None, max_length=200,
        description="What the program saw of the same questions: 409 when one was changed elsewhere since.",
    )


class AnswerOut(Schema):
    """An answer, and whose word it is."""

    value: str
    by: AnswerFrom
    source: str = Field(description="The register that gave it, or that says otherwise.")
    corrects: str = Field(description="What the register said, when the resident corrected it.")
    awaits_register: bool = Field(description="The register did not answer yet; the review reads it.")


class MistakeOut(Schema):
    """What is wrong with one answer, and how to mend it."""

    field: str
    code: str
    message: str


class ReasonOut(Schema):
    """Why a case went the way it did."""

    rule: str
    question: str
    text: str


class HappeningOut(Schema):
    """One line of the history."""

    at: datetime
    standing: Standing
    by: str
    text: str


class AskOut(Schema):
    """What an officer asks the resident for."""

    kind: AskKind
    question: str
    words: str
    asked: datetime
    until: datetime
    answered: datetime | None


class AppealOut(Schema):
    """An appeal, and what became of it."""

    made: datetime
    words: str
    due: datetime
    overturned: bool | None
    decided: datetime | None
    reason: str


class CaseOut(Schema):
    """A draft or a case. Texts are in the request's language."""

    id: UUID
    number: str
    service: str
    language: Language
    standing: Standing
    answers: dict[str, AnswerOut]
    fee: int = Field(description="Whole won.")
    begun: datetime
    submitted: datetime | None
    due: datetime | None = Field(description="Until when the city promises a decision.")
    decided: datetime | None
    reasons: list[ReasonOut]
    history: list[HappeningOut]
    document: UUID | None = Field(description="The certificate that it ended in.")
    waits_for: str = Field(description="The register that the case waits for.")
    asks: list[AskOut] = Field(description="What officers asked for.")
    appeals: list[AppealOut]
    appeal_until: datetime | None = Field(description="Until when one may appeal; none when there is nothing to.")
    paused: datetime | None = Field(description="Since when the city’s time stands still.")


class AnswerIn(Schema):
    """What was asked for, or the words of an appeal."""

    words: Annotated[str, Field(max_length=10_000)]


class InvitedIn(Schema):
    """Whom to invite, by the name that the register has; with an e-mail address also in their messages."""

    name: Annotated[str, Field(max_length=200)]
    email: Annotated[str, Field(max_length=254)] = ""


class PartyOut(Schema):
    """Somebody beside the resident."""

    name: str
    capacity: Capacity
    standing: PartyStanding
    until: datetime
    answered: datetime | None


class InvitationOut(Schema):
    """An invitation; its code is shown this once."""

    party: PartyOut
    code: str


class SignatureIn(Schema):
    """An answer to an invitation."""

    code: Annotated[str, Field(max_length=40)]
    sign: bool = Field(description="False to decline.")


class SignedOut(Schema):
    """Where the request stands after the answer."""

    number: str
    standing: Standing


class KeptOut(Schema):
    """A draft as kept, and what is wrong with what was typed."""

    case: CaseOut
    mistakes: list[MistakeOut]


_NO_SUCH_SERVICE = {"responses": {404: {"$ref": "#/components/responses/Problem404"}}}


@router.post("/cases", response={201: CaseOut}, openapi_extra=_NO_SUCH_SERVICE)
@takes_key
def begin(request: CityRequest, asked: CaseIn) -> HttpResponse:
    """Begin a request, filled in by the registers; with `submit`, send it at once."""
    service, language = ServiceId(asked.service), asked.language or request.language
    reading = facade.ask_registers(request.actor, service)

    def act() -> HttpResponse:
        if asked.submit:
            case = facade.apply(request.actor, service, asked.answers, language, request.now, reading=reading)
        else:
            case = facade.begin(request.actor, service, language, request.now, reading=reading)
            case, _ = facade.keep(request.actor, case.number, asked.answers, request.now)
        return Response(CaseOut.model_validate(_out(case, request.language)).model_dump(), status=201)

    return once(request, act)


@router.get("/cases", response=Page[CaseOut])
def mine(request: CityRequest, paging: Query[Paging]) -> Slice[Mapping[str, object]]:
    """My cases and drafts, the last begun first."""
    found = paging.newest_first(
        lambda before, limit: facade.my_cases(request.actor, before, limit), lambda case: case.begun
    )
    return Slice([_out(case, request.language) for case in found.items], found.next)


@router.get("/cases/{number}", response=CaseOut)
def one(request: CityRequest, number: Number) -> Mapping[str, object]:
    """One of my cases, by its number or id."""
    return _out(facade.case_of(request.actor, number), request.language)


@router.patch("/cases/{number}/answers", response=KeptOut)
def keep(request: CityRequest, number: Number, asked: AnswersIn) -> Mapping[str, object]:
    """Keep what was typed to a draft, also what is wrong; the answer says what is."""
    seen = "" if asked.seen is None else facade.seen_values(asked.seen, asked.answers.keys())
    case, mistakes = facade.keep(request.actor, number, asked.answers, request.now, language=asked.language, seen=seen)
    return {"case": _out(case, request.language), "mistakes": [_mistake(mistake) for mistake in mistakes]}


@router.post("/cases/{number}/submit", response=CaseOut)
@idempotent
def submit(request: CityRequest, number: Number) -> Mapping[str, object]:
    """Send a draft. Sent before, the case as it is."""
    return _out(facade.submit(request.actor, number, request.now), request.language)


@router.post("/cases/{number}/withdraw", response=CaseOut)
@idempotent
def withdraw(request: CityRequest, number: Number) -> Mapping[str, object]:
    """Take a draft or an undecided request back."""
    return _out(facade.withdraw(request.actor, number, request.now), request.language)


@router.get("/cases/{number}/signers", response=list[PartyOut])
def signers(request: CityRequest, number: Number) -> Sequence[Party]:
    """Who was invited to sign, or to apply together."""
    return facade.parties_of(request.actor, number)


@router.post("/cases/{number}/signers", response={201: InvitationOut})
def invite(request: CityRequest, number: Number, asked: InvitedIn) -> tuple[int, facade.Invitation]:
    """Invite somebody to sign, or to apply together; give them the code."""
    return 201, facade.invite(request.actor, number, asked.name, asked.email, request.now)


@router.post("/signatures", response=SignedOut)
def sign(request: CityRequest, asked: SignatureIn) -> Case:
    """Sign or decline what one was invited to, with one's own sign-in."""
    return facade.answer_invitation(request.actor, asked.code, request.now, signs=asked.sign)


@router.post("/cases/{number}/answer", response=CaseOut)
@idempotent
def answer(request: CityRequest, number: Number, asked: AnswerIn) -> Mapping[str, object]:
    """Give what an officer asks for; the city's time goes on."""
    return _out(facade.answer(request.actor, number, asked.words, request.now), request.language)


@router.post("/cases/{number}/appeal", response=CaseOut)
@idempotent
def appeal(request: CityRequest, number: Number, asked: AnswerIn) -> Mapping[str, object]:
    """Appeal against a refusal, or against what a machine decided. Appealed before, the case as it is."""
    return _out(facade.appeal(request.actor, number, asked.words, request.now), request.language)


def _out(case: Case, language: Language) -> Mapping[str, object]:
    return {
        "id": case.id, "number": case.number, "service": case.service, "language": case.language,
        "standing": case.standing, "answers": {name: _answer(answer) for name, answer in case.answers.items()},
        "fee": case.fee.amount, "begun": case.begun, "submitted": case.submitted, "due": case.due,
        "decided": case.decided, "document": case.document, "waits_for": case.waits_for,
        "asks": case.asks, "appeals": case.appeals, "appeal_until": facade.appeal_open_until(case),
        "paused": case.paused,
        "reasons": [
            {"rule": reason.rule, "question": reason.question, "text": reason.said(language, gettext)}
            for reason in case.reasons
        ],
        "history": [
            {"at": line.at, "standing": line.standing, "by": line.by, "text": line.said(gettext)}
            for line in case.history
        ],
    }


def _answer(answer: Answer) -> Mapping[str, object]:
    return {
        "value": answer.value, "by": answer.by, "source": answer.register, "corrects": answer.corrects,
        "awaits_register": answer.awaits_register,
    }


def _mistake(mistake: Mistake) -> Mapping[str, str]:
    return {"field": mistake.field, "code": mistake.code, "message": mistake.said(gettext)}
