"""The city's pages as a browser without scripts uses them: read a page, send its form, follow where it leads."""

import re
from collections.abc import Mapping
from typing import Self

import httpx

_TAG = re.compile(r"<(?:input|textarea|select)\b[^>]*>")
_FACT = re.compile(r'([\w-]+)="([^"]*)"')
_TYPED = {"date": "2027-01-12", "tel": "010-0000-0000", "number": "1"}
_SEEN = frozenset({"hidden", "search", "submit", "file", "password"})


class Browser:
    """One person's browser: cookies, and the page that is open."""

    def __init__(self, url: str) -> None:
        self._client = httpx.AsyncClient(base_url=url, verify=False, timeout=30, follow_redirects=True)  # noqa: S501 -- loopback, a certificate of this city's own
        self.path = ""
        self.text = ""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def open(self, path: str) -> None:
        """Go there, and on to where that leads."""
        self._show(await self._client.get(path))

    async def send(self, typed: Mapping[str, str], to: str = "") -> None:
        """Send the open page's form with what is typed, to the page itself unless told otherwise."""
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.text)
        body = ({"csrfmiddlewaretoken": token[1]} if token else {}) | dict(typed)
        headers = {"referer": str(self._client.base_url.join(self.path))}
        self._show(await self._client.post(to or self.path, data=body, headers=headers))

    def answers(self, wanted: Mapping[str, str]) -> dict[str, str]:
        """What somebody answers to the open page: what is wanted, what stands there, and else something plausible."""
        said: dict[str, str] = {}
        for tag in _TAG.findall(self.text.partition("<main")[2]):
            facts = dict(_FACT.findall(tag))
            name, kind = facts.get("name", ""), facts.get("type", "text")
            if not name or kind in _SEEN:
                continue
            if kind == "radio":
                said[name] = facts["value"] if " checked" in tag or name not in said else said[name]
            else:
                said[name] = facts.get("value") or _TYPED.get(kind, "합성 12")
        return said | {name: value for name, value in wanted.items() if name in said}

    def _show(self, answer: httpx.Response) -> None:
        self.path = answer.url.raw_path.decode()
        self.text = answer.text
