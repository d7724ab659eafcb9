"""From checked shapes to the contracts that other rooms read."""

from collections.abc import Sequence

from madang.kernel.assurance import Assurance
from madang.kernel.languages import Text
from madang.kernel.money import Won
from madang.records.catalogue.contracts import (
    Choice,
    Evidence,
    Field,
    LegalBasis,
    OfflineWay,
    Outcome,
    PersonalData,
    Service,
    ServiceId,
    Source,
    Step,
    TextState,
    TimeTarget,
)
from madang.records.catalogue.rules import shape


def service(file: shape.ServiceShape, *, worked_out: bool = True) -> Service:
    """The service that a merged and checked file describes; ``worked_out`` when the form is its own."""
    return Service(
        id=ServiceId(file.id),
        name=Text(file.name),
        purpose=Text(file.purpose),
        category=file.category,
        archetype=file.archetype,
        department=Text(file.department),
        audience=Text(file.audience),
        eligibility=Text(file.eligibility),
        you_get=Text(file.you_get),
        you_need=Text(file.you_need),
        processing=file.processing,
        assurance=Assurance[file.assurance.upper()],
        fee=Won(file.fee),
        time=TimeTarget(file.time.usual_minutes, file.time.working_days),
        steps=[Step(step.name, Text(step.title), _fields(step.fields)) for step in file.steps],
        evidence=[Evidence(e.name, e.register, e.field, e.expect, Text(e.reason)) for e in file.evidence],
        outcome=Outcome(file.outcome.document, file.outcome.valid_days) if file.outcome else None,
        offline=[OfflineWay(way.kind, Text(way.note)) for way in file.offline],
        law=[LegalBasis(Text(law.name), law.article, law.year) for law in file.law],
        personal_data=[PersonalData(Text(d.what), Text(d.purpose), d.keep_days) for d in file.personal_data],
        appeal=Text(file.appeal),
        keywords={language.value: words for language, words in file.keywords.items()},
        uses_per_year=file.uses_per_year,
        texts=TextState(file.texts.source_version, frozenset(file.texts.machine), file.texts.behind),
        pattern=file.pattern,
        fee_answer=file.fee_answer,
        signatures=file.signatures,
        joint=file.joint,
        worked_out=worked_out,
    )


def _fields(fields: Sequence[shape.FieldShape]) -> Sequence[Field]:
    return [_field(field) for field in fields]


def _field(field: shape.FieldShape) -> Field:
    return Field(
        name=field.name,
        kind=field.kind,
        label=Text(field.label),
        hint=Text(field.hint) if field.hint else None,
        required=field.required,
        choices=[Choice(choice.value, Text(choice.label)) for choice in field.choices],
        source=Source(field.source.register, field.source.field) if field.source else None,
        locked=field.locked,
        pattern=field.pattern,
        longest=field.longest,
        least=field.least,
        most=field.most,
        default=field.default,
        claim=field.claim,
    )
