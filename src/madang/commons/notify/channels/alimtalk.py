"""Business messages in a messenger (알림톡): only texts that the messenger approved beforehand, by the aggregator."""

from collections.abc import Iterator, Sequence

from madang.commons.notify import profile, ways
from madang.commons.notify.channels import aggregator
from madang.commons.notify.channels.compose import portal_address
from madang.commons.notify.contracts import Carried, DeliveryState, Letter, Message, Urgency

_LONGEST = 1_000
"""Characters; the messenger's limit for a basic template (카카오비즈니스 알림톡 제작 가이드, 2025)."""


class Alimtalk:
    """Approved texts to the messenger account behind the phone number."""

    name = "alimtalk"
    at_once = False
    batch = 500
    repeatable = True

    def carry(self, letters: Sequence[Letter]) -> Iterator[Carried]:
        """One request a batch. A message whose text nobody approved is given up here, and goes another way."""
        approved = [one for one in letters if code_of(one.message) and len(text_of(one.message)) <= _LONGEST]
        outcomes = aggregator.send(approved, [_written(letter) for letter in approved]) if approved else iter(())
        known = {letter.id for letter in approved}
        for letter in letters:
            yield next(outcomes) if letter.id in known else Carried(
                DeliveryState.GIVEN_UP, "no approved template says this in this language"
            )


def code_of(message: Message) -> str:
    """The code of the approved text in the message's language; empty when there is none."""
    if message.urgency is Urgency.EMERGENCY:
        return f"{ways.ways().broadcast_code}-{message.language}"
    template = profile.templates(profile.folder()).get(message.template)
    return template.codes.get(message.language, "") if template else ""


def text_of(message: Message) -> str:
    """Title and body, as they were approved; a broadcast's stand in the frame that was approved for all of them."""
    if message.urgency is Urgency.EMERGENCY:
        frame = ways.ways().broadcast_frame.into(message.language)
        return frame.replace("#{title}", message.title).replace("#{body}", message.body)
    return f"{message.title}\n\n{message.body}"


def _written(letter: Letter) -> dict[str, object]:
    message = letter.message
    return {
        "clientMessageId": str(letter.id), "type": "ATA", "from": ways.ways().sender_number, "to": letter.address,
        "text": text_of(message),
        "kakaoOptions": {
            "templateId": code_of(message),
            "buttons": [{
                "buttonType": "WL", "buttonName": profile.voice().open_link.into(message.language),
                "linkMo": portal_address(message.link),
            }] if message.link else [],
        },
    }
