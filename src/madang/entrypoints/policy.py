"""The process that the front asks about partner systems. Without Django: it must be back within a second."""

import asyncio
import os
import signal

from madang.commons.gateway.policy import passes
from madang.commons.gateway.policy.process import Place, serve
from madang.entrypoints.memory import settle_memory
from madang.entrypoints.settings import current


async def _run() -> None:
    stop = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    settings = current()
    place = Place(
        port=int(os.environ["MADANG_POLICY_PORT"]), folder=settings.instance / "gateway",
        database_url=settings.database_url, seal_key=passes.seal_key(settings.secret_key),
    )
    settle_memory()
    await serve(place, stop)


def main() -> None:
    """Answer until told to stop."""
    asyncio.run(_run())


if __name__ == "__main__":
    main()
