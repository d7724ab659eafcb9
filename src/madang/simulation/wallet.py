"""A wallet on a phone, played at ``/wallet`` and reached at ``/sandbox-wallet/``: it keeps and shows credentials.

It takes offers by OpenID4VCI 1.0, answers questions by OpenID4VP 1.0, and shows of a credential what was asked and
nothing else. Whoever opens the demonstration holds it: nobody in it exists.

A file ``<instance>/outside/faults/wallet`` breaks it, without a restart: ``nonce`` and ``aud`` answer another question,
``unbound`` leaves the holder's signature out, ``altered`` changes what it shows.
"""

import json
import secrets
import ssl
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import httpx
from django.conf import settings

from madang.simulation import bank_page
from madang.simulation.wallet_protocol import Held, WalletFailed, answer_for, disclosed, question_at, received
from madang.simulation.wallet_words import WORDS

_LONGEST_BODY: Final = 16 * 1024
_PATIENCE_S: Final = 10.0
_SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back."""

    status: str
    body: bytes = b""
    kind: str = "text/html; charset=utf-8"
    location: str = ""


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer one request."""
    answer = _answered(environ)
    headers = [("Content-Type", answer.kind), ("Content-Length", str(len(answer.body))), ("Cache-Control", "no-store")]
    start_response(answer.status, [*headers, *([("Location", answer.location)] if answer.location else [])])
    return [answer.body]


def folder() -> Path:
    """Where the played wallet keeps what it holds."""
    made = Path(settings.MADANG_INSTANCE) / "outside" / "wallet"
    made.mkdir(parents=True, exist_ok=True, mode=0o700)
    return made


def held() -> Sequence[Held]:
    """What lies in it, newest first."""
    return [Held(**json.loads(file.read_text(encoding="utf-8"))) for file in sorted(folder().glob("*.json"))[::-1]]


def _answered(environ: Mapping[str, Any]) -> Answer:
    path = (environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")).removeprefix("/wallet")
    asked = dict(parse_qsl(environ.get("QUERY_STRING", "")))
    words = WORDS["ko" if environ.get("HTTP_ACCEPT_LANGUAGE", "ko")[:2].lower() == "ko" else "en"]
    ways: Mapping[str, Callable[[], Answer]] = {
        "GET /": lambda: _page(words, _list(words)),
        "GET /style.css": lambda: Answer("200 OK", bank_page.STYLE, "text/css; charset=utf-8"),
        "GET /offer": lambda: _page(words, _ask_number(words)),
        "POST /offer": lambda: _take(asked, _form(environ), words),
        "GET /present": lambda: _ask_to_show(asked, words),
        "POST /present": lambda: _show(asked, _form(environ), words),
    }
    way = ways.get(f"{environ.get('REQUEST_METHOD', 'GET')} {path}")
    if way is None:
        return Answer("404 Not Found")
    try:
        return way()
    except (WalletFailed, httpx.HTTPError, ValueError, KeyError) as wrong:
        return _page(words, f"<p>{words['wrong']}</p><p><code>{escape(str(wrong)[:200])}</code></p>", "400 Bad Request")


def _ask_number(words: Mapping[str, str]) -> str:
    return (
        f'<form method="post"><p><label>{words["number"]} <input name="number" inputmode="numeric" autocomplete="off" '
        f'required></label></p><button>{words["take"]}</button></form>'
    )


def _take(asked: Mapping[str, str], form: Mapping[str, str], words: Mapping[str, str]) -> Answer:
    with _line() as line:
        taken = received(line, asked["credential_offer"], form.get("number", "").replace(" ", ""))
    file = folder() / f"{taken.at:020d}-{secrets.token_hex(4)}.json"
    file.touch(mode=0o600)
    file.write_text(json.dumps(taken.kept()), encoding="utf-8")
    return _page(words, f'<p>{words["taken"]}</p>{_list(words)}<p><a href="/my/documents">{words["back"]}</a></p>')


def _ask_to_show(asked: Mapping[str, str], words: Mapping[str, str]) -> Answer:
    with _line() as line:
        question = question_at(line, asked)
    fitting = [(at, one) for at, one in enumerate(held()) if question.wanted(one)]
    if not fitting:
        return _page(words, f"<p>{words['none']}</p>")
    choices = "".join(
        f'<p><label><input type="radio" name="held" value="{at}"{" checked" if not place else ""}> {_named(one)}<br>'
        f"<small>{escape(', '.join(question.wanted(one)))}</small></label></p>"
        for place, (at, one) in enumerate(fitting)
    )
    return _page(
        words,
        f'<form method="post"><fieldset><legend>{words["show"]}</legend>{choices}</fieldset>'
        f'<button name="decision" value="yes">{words["yes"]}</button> '
        f'<button class="second" name="decision" value="no">{words["no"]}</button></form>',
    )


def _show(asked: Mapping[str, str], form: Mapping[str, str], words: Mapping[str, str]) -> Answer:
    with _line() as line:
        question = question_at(line, asked)
        chosen = held()[int(form["held"])] if form.get("decision") == "yes" else None
        told = line.post(question.answer_at, data=answer_for(question, chosen, _fault()))
    if told.status_code != httpx.codes.OK:
        return _page(words, f"<p>{words['not_taken']}</p><p><code>{escape(told.text[:200])}</code></p>")
    return Answer("303 See Other", location=str(told.json()["redirect_uri"]))


def _list(words: Mapping[str, str]) -> str:
    lines = "".join(f"<li>{_named(one)}</li>" for one in list(held())[:_SHOWN])
    return f"<h2>{words['held']}</h2><ul>{lines}</ul>" if lines else f"<p>{words['empty']}</p>"


def _named(one: Held) -> str:
    about = disclosed(one.credential)
    return escape(f"{urlsplit(one.kind).path.rpartition('/')[2]} · {about.get('name', '')}")


def _line() -> httpx.Client:
    """To the city's own address, trusting the instance's own authority as a demonstration's phone would be told to."""
    authority = Path(settings.MADANG_INSTANCE) / "keys" / "authority.pem"
    trust = ssl.create_default_context(cafile=str(authority)) if authority.exists() else True
    return httpx.Client(verify=trust, timeout=_PATIENCE_S)


def _fault() -> str:
    try:
        return (Path(settings.MADANG_INSTANCE) / "outside" / "faults" / "wallet").read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return ""


def _form(environ: Mapping[str, Any]) -> Mapping[str, str]:
    length = int(environ.get("CONTENT_LENGTH") or 0)
    read: bytes = environ["wsgi.input"].read(min(max(length, 0), _LONGEST_BODY))
    return dict(parse_qsl(read.decode("utf-8", "replace")))


def _page(words: Mapping[str, str], content: str, status: str = "200 OK") -> Answer:
    return Answer(status, (
        f'<!doctype html><html lang="{words["lang"]}"><head><meta charset="utf-8"><title>{words["title"]}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="style.css">'
        f'</head><body><main><h1>{words["title"]}</h1><p class="note">{words["note"]}</p>{content}</main></body></html>'
    ).encode())
