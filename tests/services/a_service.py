"""Services made for tests: small, with a question of every kind."""

from collections.abc import Sequence
from dataclasses import replace

from madang.kernel.assurance import Assurance
from madang.kernel.languages import Language, Text
from madang.kernel.money import Won
from madang.records.catalogue.contracts import (
    Archetype,
    Category,
    Choice,
    Evidence,
    Field,
    FieldKind,
    PersonalData,
    Processing,
    Service,
    ServiceId,
    Source,
    Step,
    TimeTarget,
)


def text(korean: str) -> Text:
    return Text({Language.KO: korean, Language.EN: f"{korean} (en)"})


def question(name: str, kind: FieldKind = FieldKind.TEXT, **more: object) -> Field:
    return replace(Field(name, kind, text(name)), **more)  # type: ignore[arg-type]


NAME = question("name", source=Source("residents", "name_ko"), locked=True)
PHONE = question("phone", FieldKind.PHONE, source=Source("residents", "phone"))
PLATE = question("plate", FieldKind.VEHICLE_NUMBER, source=Source("vehicles", "plate"))
USE = question("use", FieldKind.CHOICE, choices=(Choice("bank", text("은행")), Choice("school", text("학교"))))
COPIES = question("copies", FieldKind.NUMBER, least=1, most=10, default="1")
SINCE = question("since", FieldKind.DATE, required=False)
YEAR = question("year", FieldKind.YEAR, required=False, least=1950, most=2026)
AGREED = question("agreed", FieldKind.YES_NO, required=False)
REMARK = question("remark", FieldKind.LONG_TEXT, required=False, longest=500)
CODE = question("code", required=False, pattern=r"[A-Z]{3}-\d{2}")
EVERY_KIND = (NAME, PHONE, PLATE, USE, COPIES, SINCE, YEAR, AGREED, REMARK, CODE)

OWN_CAR = Evidence("own_car", "vehicles", "plate", "answer:plate", text("등록된 차량 번호와 다릅니다."))
IMPAIRED = Evidence("impaired", "disability", "walking_impaired", "yes", text("보행상 장애로 등록되어 있지 않습니다."))
LIVES_HERE = Evidence("lives_here", "households", "district", "present", text("서울시에 등록된 주소가 없습니다."))


def service(
    fields: Sequence[Field] = EVERY_KIND, evidence: Sequence[Evidence] = (), **more: object
) -> Service:
    made = Service(
        id=ServiceId("test-service"), name=text("시험 서비스"), purpose=text("시험"), category=Category.LIFE,
        archetype=Archetype.DOCUMENT, department=text("시험과"), audience=text("모두"), eligibility=text("모두"),
        you_get=text("문서"), you_need=text("없음"), processing=Processing.AUTOMATIC, assurance=Assurance.LOW,
        fee=Won(0), time=TimeTarget(1, 3), steps=(Step("all", text("모두"), tuple(fields)),), evidence=tuple(evidence),
        outcome=None, offline=(), law=(), personal_data=(PersonalData(text("성명"), text("처리"), 30),),
        appeal=text("60일 안에 이의신청을 할 수 있습니다."), keywords={}, uses_per_year=1,
    )
    return replace(made, **more)  # type: ignore[arg-type]
