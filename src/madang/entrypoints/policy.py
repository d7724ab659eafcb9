"""The process that the front asks about partner systems. Without Django: it must be back within a second."""

import asyncio
import os
import signal
from functools import cache

from madang.commons.gateway.policy import passes
from madang.commons.gateway.policy.process import Place, serve
from madang.commons.gateway.policy.tokens import Holder
from madang.entrypoints.logs import keep_values_out
from madang.entrypoints.memory import settle_memory
from madang.entrypoints.settings import current


@cache
def _set_django_up() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "madang.entrypoints.django_settings")
    import django

    django.setup()


def _holder_of(token: str) -> Holder | None:
    """Ask identity, which needs Django: it is loaded for the first token."""
    _set_django_up()
    from django.db import close_old_connections

    from madang.commons.identity import facade as identity

    close_old_connections()
    found = identity.client_of_token(token)
    return Holder(str(found.id), found.scopes, found.expires.timestamp()) if found else None


async def _run() -> None:
    stop = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    settings = current()
    place = Place(
        port=int(os.environ["MADANG_POLICY_PORT"]), folder=settings.instance / "gateway",
        database_url=settings.database_url, seal_key=passes.seal_key(settings.secret_key), read_token=_holder_of,
    )
    keep_values_out()
    settle_memory()
    await serve(place, stop)


def main() -> None:
    """Answer until told to stop."""
    asyncio.run(_run())


if __name__ == "__main__":
    main()
