"""Text messages, by the aggregator."""

from collections.abc import Iterator, Sequence

from madang.commons.notify import profile, ways
from madang.commons.notify.channels import aggregator
from madang.commons.notify.channels.compose import portal_address
from madang.commons.notify.contracts import Carried, DeliveryState, Letter, Message, Urgency
from madang.commons.notify.rules import texts


class Sms:
    """Text messages to the phone that the resident gave."""

    name = "sms"
    at_once = False
    batch = 500
    repeatable = True

    def carry(self, letters: Sequence[Letter]) -> Iterator[Carried]:
        """One request a batch. What is too long for one message is not sent."""
        written = [text_of(letter.message) for letter in letters]
        sizes = {text: texts.size(text) for text in set(written)}
        fitting = [(letter, text) for letter, text in zip(letters, written, strict=True) if sizes[text].fits]
        number = ways.ways().sender_number
        messages = [
            {
                "clientMessageId": str(letter.id), "type": "SMS" if sizes[text].parts == 1 else "LMS", "from": number,
                "to": letter.address, "text": text, "encoding": sizes[text].alphabet, "parts": sizes[text].parts,
            }
            for letter, text in fitting
        ]
        outcomes = aggregator.send([letter for letter, _ in fitting], messages) if fitting else iter(())
        for text in written:
            yield next(outcomes) if sizes[text].fits else _too_long(sizes[text])


def text_of(message: Message) -> str:
    """What a phone shows. An emergency says everything; other messages say where it can be read."""
    sender = f"[{profile.voice().sender.into(message.language)}]"
    if message.urgency is Urgency.EMERGENCY:
        return f"{sender} {message.title}\n{message.body}"
    if not message.link:
        return message.body
    return f"{sender} {message.title}\n{portal_address(message.link)}"


def _too_long(size: texts.Size) -> Carried:
    return Carried(DeliveryState.GIVEN_UP, f"the text takes {size.parts} parts; {texts.LONGEST_PARTS} are sent at most")
