"""A letter as an e-mail: plain text and simple HTML, the same bytes at every try."""

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Final

from django.conf import settings
from django.template import Context, Engine

from madang.commons.notify import profile
from madang.commons.notify.contracts import Letter
from madang.commons.notify.profile import Voice
from madang.kernel.clock import in_seoul

_POLICY: Final = SMTP.clone(max_line_length=78)
# An engine of its own: a letter is written the same in every process, whatever the pages' engine is told.
_ENGINE: Final = Engine(dirs=[str(Path(__file__).parents[1] / "templates")], autoescape=True)


def compose(letter: Letter) -> EmailMessage:
    """The e-mail of a letter. Its Message-ID is the delivery's id, so that a second copy is known as one.

    It holds no document and no link outside the portal (RFC 3834, 2004, for Auto-Submitted; RFC 2919, 2001,
    for List-Id; RFC 3282, 2002, for Content-Language).
    """
    voice, message = profile.voice(), letter.message
    mail = EmailMessage(policy=_POLICY)
    user, _, domain = voice.address.rpartition("@")
    mail["From"] = Address(voice.sender.into(message.language), user, domain)
    mail["To"] = letter.address
    mail["Subject"] = message.title
    mail["Date"] = format_datetime(in_seoul(message.at))
    mail["Message-ID"] = f"<{letter.id}@{domain}>"
    if letter.unsubscribe:
        mail["List-Unsubscribe"] = f"<{letter.unsubscribe}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail["List-Id"] = f"<{voice.list_id}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(_plain(letter, voice), cte="base64")
    mail.add_alternative(_html(letter, voice), subtype="html", cte="base64")
    # After the parts are made: making them moves earlier Content- headers into the first part.
    mail["Content-Language"] = message.language.tag
    mail.set_boundary(f"=_{letter.id.hex}")
    return mail


def portal_address(path: str) -> str:
    """A portal path as an address that works from outside."""
    return f"{settings.MADANG_PUBLIC_URL}{path}"


def _plain(letter: Letter, voice: Voice) -> str:
    message, language = letter.message, letter.message.language
    link = [f"{voice.open_link.into(language)}\n{portal_address(message.link)}"] if message.link else []
    stop = [f"{voice.stop.into(language)}\n{letter.unsubscribe}"] if letter.unsubscribe else []
    other = [voice.for_another.into(language)] if letter.for_another else []
    parts = [
        *other, message.title, message.body, *link, "--", voice.reach.into(language), voice.automatic.into(language),
        *stop,
    ]
    return "\n\n".join(parts) + "\n"


def _html(letter: Letter, voice: Voice) -> str:
    language = letter.message.language
    context = Context({
        "message": letter.message,
        "language": language.tag,
        "for_another": voice.for_another.into(language) if letter.for_another else "",
        "direction": "ltr",
        "sender": voice.sender.into(language),
        "open_link": voice.open_link.into(language),
        "address": portal_address(letter.message.link) if letter.message.link else "",
        "stop": voice.stop.into(language),
        "unsubscribe": letter.unsubscribe,
        "reach": voice.reach.into(language).splitlines(),
        "automatic": voice.automatic.into(language),
    })
    return str(_ENGINE.get_template("notify/email.html").render(context))
