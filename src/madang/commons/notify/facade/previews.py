"""What a template looks like on each channel, for those who own it; nobody is told anything."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from madang.commons.notify import profile, ways
from madang.commons.notify.channels import alimtalk, letter, sms
from madang.commons.notify.contracts import (
    DeliveryId,
    FactKind,
    Letter,
    Message,
    MessageId,
    NoSuchNotice,
    Permission,
    Template,
)
from madang.commons.notify.rules import texts, writing
from madang.kernel.actors import Actor
from madang.kernel.clock import SEOUL
from madang.kernel.ids import ResidentId, new_id
from madang.kernel.languages import Language, Text

_EXAMPLES: Final[Mapping[FactKind, str]] = {
    FactKind.TEXT: "…", FactKind.DATE: "2026-12-01", FactKind.WON: "12000",
}
_NAMED: Final[Mapping[str, str]] = {"number": "2026-K7QF-3M9X", "address": "+82101…678"}
_SERVICE: Final = Text({Language.KO: "주민등록표 등본", Language.EN: "Resident register extract"})
_ADDRESS: Final = "홍길동 (가상)\n04524 서울특별시 중구 세종대로 110"
_AT: Final = datetime(2026, 12, 1, 9, tzinfo=SEOUL)


@dataclass(frozen=True, slots=True)
class Look:
    """A template in one language: as the inbox, e-mail and letter say it, and as a phone and the messenger show it."""

    language: Language
    title: str
    paragraphs: Sequence[str]
    sms: str
    size: texts.Size
    code: str
    alimtalk: str


def templates_by_topic(actor: Actor) -> Sequence[tuple[str, Text]]:
    """Every template's name and its topic's title. Raises NotPermitted."""
    actor.require(Permission.SEE_TEMPLATES)
    return [(name, topic.title) for topic in ways.ways().topics.values() for name in topic.templates]


def preview(actor: Actor, name: str) -> Sequence[Look]:
    """A template in all eight languages with example facts. Raises NotPermitted, NoSuchNotice."""
    return [_look(_example(_known(actor, name), language)) for language in Language]


def preview_letter(actor: Actor, name: str, language: str) -> bytes:
    """The template as a letter, PDF. Raises NotPermitted, NoSuchNotice."""
    template = _known(actor, name)
    if language not in set(Language):
        raise NoSuchNotice
    return letter.typeset(Letter(DeliveryId(new_id()), _ADDRESS, _example(template, Language(language)), 1))


def topic_titles() -> Mapping[str, Text]:
    """Topics by name, in the profile's order."""
    return {name: topic.title for name, topic in ways.ways().topics.items()}


def district_names() -> Mapping[str, Text]:
    """The districts of the profile by their codes of five digits."""
    return profile.districts(profile.folder())


def _known(actor: Actor, name: str) -> Template:
    actor.require(Permission.SEE_TEMPLATES)
    found = profile.templates(profile.folder()).get(name)
    if found is None:
        raise NoSuchNotice
    return found


def _example(template: Template, language: Language) -> Message:
    facts: dict[str, str | Text] = {
        name: _SERVICE if name == "service" else _NAMED.get(name, _EXAMPLES[kind])
        for name, kind in template.placeholders.items()
    }
    topic = ways.ways().topic_of(template.name)
    return Message(
        MessageId(new_id()), ResidentId(new_id()), template.name, new_id(), language,
        writing.write(template.subject, template, facts, language),
        writing.write(template.body, template, facts, language), "/my/cases/2026-K7QF-3M9X", _AT, None, topic.name,
        topic.urgency,
    )


def _look(message: Message) -> Look:
    text = sms.text_of(message)
    return Look(
        message.language, message.title, message.paragraphs, text, texts.size(text), alimtalk.code_of(message),
        alimtalk.text_of(message),
    )
