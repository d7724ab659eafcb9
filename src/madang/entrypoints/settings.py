"""The instance's settings: typed, read once, and refused at start with a message that says how to mend them."""

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from ipaddress import ip_network
from pathlib import Path
from typing import Self

HOUSE = Path(__file__).resolve().parents[3]
"""The checkout: where the profile and the benchmarks lie."""


class SettingsWrong(ValueError):
    """A setting that the city cannot start with; the message names it and how to mend it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where an instance keeps its things and how it reaches its servers."""

    instance: Path
    """The folder of everything that this instance owns: data, keys, logs."""
    profile: Path
    """The city as data."""
    port: int
    """The gateway's TLS port; the one address that people see."""
    public_url: str
    """That address as people type it, without a slash at the end."""
    database_url: str = field(repr=False)
    nats_url: str = field(repr=False)
    outside_url: str
    """Where registers, the bank and the mail server of the demonstration answer; empty when the city has its own."""
    tls: tuple[Path, Path] | None
    """The city's own certificate with its chain, and its key; None for one of the instance's own authority."""
    staff_networks: tuple[str, ...]
    """Networks from which the back office is open; none means everywhere."""
    smtp_url: str = field(repr=False)
    """``smtp://[user:password@]host:port``."""
    aggregator_url: str = field(repr=False)
    """Who carries text and business messages: ``http(s)://key:secret@host/path``; the demonstration's by default."""
    secret_key: str = field(repr=False)
    demo_residents: int
    """How many synthetic residents the first start makes."""
    demo_password: str = field(repr=False)
    """The demonstration accounts' password; empty for one that is made for each account of this instance."""
    registers: str
    """How registers are reached: ``http`` at ``outside_url``, or ``direct`` from the synthetic tables."""

    @classmethod
    def read(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Read ``MADANG_…`` variables over what the running instance says of itself. Raises SettingsWrong."""
        instance = Path(environ.get("MADANG_INSTANCE") or HOUSE / "instance").resolve()
        running = _addresses(instance)
        port = _port(environ.get("MADANG_PORT") or running.get("port") or "8443")
        outside_url = environ.get("MADANG_OUTSIDE_URL") or running.get("outside_url", "")
        played = f"{outside_url}/aggregator" if outside_url else ""
        return cls(
            instance=instance,
            profile=_folder("MADANG_PROFILE", environ.get("MADANG_PROFILE") or str(HOUSE / "profiles" / "seoul")),
            port=port,
            public_url=(environ.get("MADANG_PUBLIC_URL") or f"https://localhost:{port}").rstrip("/"),
            database_url=environ.get("MADANG_DATABASE_URL") or running.get("database_url", ""),
            nats_url=environ.get("MADANG_NATS_URL") or running.get("nats_url", ""),
            outside_url=outside_url,
            tls=_tls(environ.get("MADANG_TLS_CERTIFICATE", ""), environ.get("MADANG_TLS_KEY", "")),
            staff_networks=_networks("MADANG_STAFF_NETWORKS", environ.get("MADANG_STAFF_NETWORKS", "")),
            smtp_url=environ.get("MADANG_SMTP_URL") or running.get("smtp_url", ""),
            aggregator_url=environ.get("MADANG_AGGREGATOR_URL") or played,
            secret_key=environ.get("MADANG_SECRET_KEY") or _secret(instance),
            demo_residents=_count("MADANG_DEMO_RESIDENTS", environ.get("MADANG_DEMO_RESIDENTS") or "100000"),
            demo_password=environ.get("MADANG_DEMO_PASSWORD", ""),
            registers=_registers(environ.get("MADANG_REGISTERS", ""), outside_url),
        )


@cache
def current() -> Settings:
    """The settings of this process, read at the first call."""
    return Settings.read()


def addresses_file(instance: Path) -> Path:
    """Where a running instance says how its servers are reached; only its owner may read it."""
    return instance / "run" / "addresses.json"


def _addresses(instance: Path) -> dict[str, str]:
    file = addresses_file(instance)
    if not file.exists():
        return {}
    found: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    return found


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:  # noqa: PLR2004 -- the range of TCP ports
        message = f"MADANG_PORT is {text!r}: give a number from 1 to 65535, for example MADANG_PORT=9443"
        raise SettingsWrong(message)
    return int(text)


def _count(name: str, text: str) -> int:
    if not text.isdecimal():
        message = f"{name} is {text!r}: give a whole number, for example {name}=100000"
        raise SettingsWrong(message)
    return int(text)


def _registers(text: str, outside_url: str) -> str:
    chosen = text or ("http" if outside_url else "direct")
    if chosen not in {"http", "direct"}:
        message = f"MADANG_REGISTERS is {text!r}: give http or direct"
        raise SettingsWrong(message)
    if chosen == "http" and not outside_url:
        message = "MADANG_REGISTERS is http, and MADANG_OUTSIDE_URL does not say where: give it, or choose direct"
        raise SettingsWrong(message)
    return chosen


def _tls(certificate: str, key: str) -> tuple[Path, Path] | None:
    if not certificate and not key:
        return None
    files = Path(certificate).resolve(), Path(key or certificate).resolve()
    lost = next((str(file) for file in files if not file.is_file()), None)
    if not certificate or lost:
        message = (
            f"MADANG_TLS_CERTIFICATE is {certificate!r} and MADANG_TLS_KEY is {key!r}: give two PEM files that are "
            "there, the certificate with its chain and its key (or one file that holds both)"
        )
        raise SettingsWrong(message)
    return files


def _networks(name: str, text: str) -> tuple[str, ...]:
    try:
        return tuple(str(ip_network(part.strip(), strict=False)) for part in text.split(",") if part.strip())
    except ValueError as wrong:
        message = f"{name} is {text!r}: give networks with commas between them, for example {name}=10.0.0.0/8"
        raise SettingsWrong(message) from wrong


def _folder(name: str, text: str) -> Path:
    folder = Path(text).resolve()
    if not folder.is_dir():
        message = f"{name} is {text!r}, and no such folder is there: give the folder of a city's profile"
        raise SettingsWrong(message)
    return folder


def _secret(instance: Path) -> str:
    file = instance / "keys" / "secret"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(48), encoding="ascii")
    return file.read_text(encoding="ascii")
