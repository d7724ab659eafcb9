"""E-mail by SMTP, over one connection a batch."""

import smtplib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from time import monotonic
from typing import Self
from urllib.parse import unquote, urlsplit

from django.conf import settings

from madang.commons.notify.channels.compose import compose
from madang.commons.notify.contracts import Carried, DeliveryState, Letter

_SECONDS = 10.0
"""For each answer of the server. RFC 5321 (2008), 4.5.3.2 allows minutes; our relay is near, and others wait."""
_PERMANENT = 500
_BROKEN_CONNECTIONS = 3
"""After so many in one batch the server is down, and the rest of the batch waits for its next try."""
_BATCH_SECONDS = 60.0
"""After so long the rest of the batch waits for its next try, so that no lease ends while its letter is on the way."""


@dataclass(frozen=True, slots=True)
class Relay:
    """The city's mail relay, from ``MADANG_SMTP_URL``."""

    scheme: str
    host: str
    port: int
    user: str
    password: str

    @classmethod
    def read(cls, url: str) -> Self:
        """From ``smtp://``, ``smtp+starttls://`` or ``smtps://[user:password@]host[:port]``. Raises ValueError."""
        parts = urlsplit(url)
        ports = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
        if parts.scheme not in ports or not parts.hostname:
            message = (
                "MADANG_SMTP_URL is not set or not an address of a mail server:"
                " give smtp://host:port, smtp+starttls://user:password@host or smtps://user:password@host"
            )
            raise ValueError(message)
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        return cls(parts.scheme, parts.hostname, parts.port or ports[parts.scheme], user, password)

    def connect(self) -> smtplib.SMTP:
        """An open session. Raises OSError or smtplib.SMTPException."""
        kind = smtplib.SMTP_SSL if self.scheme == "smtps" else smtplib.SMTP
        session = kind(self.host, self.port, timeout=_SECONDS)
        if self.scheme == "smtp+starttls":
            session.starttls()
        if self.user:
            session.login(self.user, self.password)
        return session


class Email:
    """Letters to the address that the resident signs in with."""

    name = "email"
    at_once = False
    batch = 50
    repeatable = False
    """SMTP cannot say whether a letter was taken, so each outcome is noted at once."""

    def carry(self, letters: Sequence[Letter]) -> Iterator[Carried]:
        """Send each letter; a refusal with 5xx is final, anything else is tried again."""
        if not letters:
            return
        try:
            relay = Relay.read(settings.MADANG_SMTP_URL)
        except ValueError as wrong:
            yield from [_later(wrong)] * len(letters)
            return
        with _Session(relay) as session:
            for letter in letters:
                yield session.send(letter)


class _Session:
    """One connection, opened when first needed and again after it broke, a few times."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self._open: smtplib.SMTP | None = None
        self._broken: list[Exception] = []
        self._until = monotonic() + _BATCH_SECONDS

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._open is None:
            return
        try:
            self._open.quit()
        except (OSError, smtplib.SMTPException):
            self._open.close()

    def send(self, letter: Letter) -> Carried:
        """Send one letter and say what became of it."""
        if len(self._broken) >= _BROKEN_CONNECTIONS:
            return _later(self._broken[-1])
        if monotonic() > self._until:
            return _later(TimeoutError("the mail server is slow"))
        try:
            mail = compose(letter)
        except ValueError as wrong:
            return Carried(DeliveryState.GIVEN_UP, f"the address cannot be written in an e-mail: {wrong}")
        try:
            self._open = self._open or self._relay.connect()
            return _hand_over(self._open, mail)
        except (OSError, smtplib.SMTPException) as broken:
            self._drop(broken)
            return _later(broken)

    def _drop(self, broken: Exception) -> None:
        self._broken.append(broken)
        if self._open is not None:
            self._open.close()
            self._open = None


def _hand_over(session: smtplib.SMTP, mail: EmailMessage) -> Carried:
    try:
        session.send_message(mail)
    except smtplib.SMTPRecipientsRefused as refused:
        return _refused(*next(iter(refused.recipients.values())))
    except smtplib.SMTPDataError as refused:
        return _refused(refused.smtp_code, refused.smtp_error)
    except smtplib.SMTPNotSupportedError as refused:
        return Carried(DeliveryState.GIVEN_UP, f"the mail server cannot write to this address: {refused}")
    return Carried(DeliveryState.SENT)


def _refused(code: int, words: bytes | str) -> Carried:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    if code < _PERMANENT:
        return Carried(DeliveryState.FAILED_WILL_RETRY, f"{code} {text}"[:500])
    return Carried(DeliveryState.GIVEN_UP, f"{code} {text}"[:500], bounced=_is_about_the_address(text))


def _is_about_the_address(text: str) -> bool:
    """RFC 3463 (2003), section 3.2: 5.1.x is a wrong address; 5.2.1 a mailbox that was closed."""
    return text.lstrip().startswith(("5.1.", "5.2.1"))


def _later(why: Exception) -> Carried:
    return Carried(DeliveryState.FAILED_WILL_RETRY, f"{type(why).__name__}: {why}"[:500])
