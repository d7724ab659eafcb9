"""A mail server that keeps every message as a file, and fails on command.

Under its folder each recipient has a folder with one ``.eml`` a message. A file ``refuse`` in the folder makes it
answer 451 to every message; a file ``cut`` makes it close the connection instead of answering; a file ``cut_after``
makes it keep the message and then close the connection, as when an answer is lost on the way. Each is read anew at
every message: make the file and delete it as the fault begins and ends.
"""

import asyncio
import re
from pathlib import Path
from uuid import uuid4

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

_ACCEPTED = "250 2.0.0 Kept"
_REFUSED = "451 4.3.0 Refused on command: try again later"
_LARGEST = 10 * 1024 * 1024


class MailServer:
    """A running server; messages are handled in a thread of its own."""

    def __init__(self, controller: Controller) -> None:
        self._controller = controller

    @property
    def port(self) -> int:
        """The TCP port that it listens on."""
        return int(self._controller.port)

    def stop(self) -> None:
        """Stop listening; what was kept stays."""
        self._controller.stop(no_assert=True)


def start(host: str, port: int, folder: Path) -> MailServer:
    """Start a server that keeps its messages under ``folder``, which is made. ``port`` 0 takes a free one."""
    folder.mkdir(parents=True, exist_ok=True)
    controller = _Controller(
        _Keeper(folder), hostname=host, port=port, ident="Madang's playing mail server", data_size_limit=_LARGEST
    )
    controller.start()
    return MailServer(controller)


def folder_of(folder: Path, recipient: str) -> Path:
    """Where the messages to ``recipient`` lie; the address can only name a folder directly below."""
    return folder / re.sub(r"[^A-Za-z0-9@._+-]", "_", recipient).lstrip(".")


class _Controller(Controller):
    def _trigger_server(self) -> None:
        # The library's probe knocks at the port that it was given, which may have been 0.
        if isinstance(self.server, asyncio.Server):
            self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]  # the library's


class _Keeper:
    """What the server does with a message."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802, ARG002 -- the library's hook
        """Keep the message for each recipient, unless told to fail."""
        if (self._folder / "refuse").exists():
            return _REFUSED
        if (self._folder / "cut").exists():
            return await _cut(server)
        await asyncio.to_thread(self._keep, envelope)
        return await _cut(server) if (self._folder / "cut_after").exists() else _ACCEPTED

    def _keep(self, envelope: Envelope) -> None:
        for recipient in envelope.rcpt_tos:
            into = folder_of(self._folder, recipient)
            into.mkdir(parents=True, exist_ok=True)
            # Written whole before it gets its name, so that a reader never sees half a message.
            part = into / f"{uuid4().hex}.part"
            part.write_bytes(envelope.original_content or b"")
            part.rename(part.with_suffix(".eml"))


async def _cut(server: SMTP) -> str:
    if isinstance(server.transport, asyncio.Transport):
        server.transport.abort()
    return "421 4.3.2 Cut on command"
