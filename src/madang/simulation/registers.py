"""The registers of city and state, played from the synthetic population.

``GET /registers/<register>/<resident>?fields=a,b`` answers ``{"fields": {...}, "as_of": "..."}``, or 404 no_entry.

A file ``<instance>/outside/faults/<register>`` breaks that register, without a restart: ``down`` answers 503,
``hang`` says nothing for longer than anybody waits, ``garbage`` answers what is no answer, ``slow 0.5`` takes so
many seconds. ``madang registers cut`` and ``mend`` write and remove it.
"""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

from django.conf import settings
from django.db import close_old_connections

from madang.kernel.errors import CityError
from madang.kernel.ids import ResidentId
from madang.records.registers import facade
from madang.records.registers.contracts import Register

Answer = tuple[str, bytes]

_HANG_SECONDS = 8.0
_NO_ENTRY = b'{"code":"no_entry"}'
_GARBAGE = '{"fields": {"name_ko": ["김'.encode()
# Servers may start a thread a connection; these few keep their database connections instead.
_clerks = ThreadPoolExecutor(8, thread_name_prefix="clerk")


def faults_folder(instance: Path) -> Path:
    """Where a file named for a register breaks it."""
    return instance / "outside" / "faults"


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer one request."""
    status, body = _answer(environ)
    start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


def _answer(environ: dict[str, Any]) -> Answer:
    path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
    match path.strip("/").split("/"):
        case ["registers", name, resident] if name in set(Register):
            register = Register(name)
        case _:
            return "404 Not Found", b'{"code":"no_such_register"}'
    if fault := _fault(register):
        return fault
    fields = parse_qs(environ.get("QUERY_STRING", "")).get("fields", [""])[0].split(",")
    try:
        return _clerks.submit(_look_up, register, ResidentId(UUID(resident)), fields).result()
    except (ValueError, CityError) as wrong:
        return "400 Bad Request", f'{{"code":"{type(wrong).__name__}"}}'.encode()


def _look_up(register: Register, resident: ResidentId, fields: list[str]) -> Answer:
    close_old_connections()
    answer = facade.answer_as_register(register, resident, fields)
    return ("404 Not Found", _NO_ENTRY) if answer is None else ("200 OK", answer)


def _fault(register: Register) -> Answer | None:
    try:
        words = (faults_folder(settings.MADANG_INSTANCE) / register).read_text(encoding="utf-8").split()
    except FileNotFoundError:
        return None
    match words:
        case ["hang"]:
            time.sleep(_HANG_SECONDS)
            return "504 Gateway Timeout", b""
        case ["garbage"]:
            return "200 OK", _GARBAGE
        case ["slow", seconds]:
            time.sleep(min(float(seconds), _HANG_SECONDS))
            return None
        case _:
            return "503 Service Unavailable", b'{"code":"down"}'
