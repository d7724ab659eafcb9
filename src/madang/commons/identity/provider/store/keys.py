"""Signing keys and the salt of subjects, in the instance's folder: one file a key, for all processes alike."""

import os
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings
from jwcrypto import jwk

_BITS: Final = 2048
"""NIST SP 800-57 part 1 (2020), table 4: 112 bits of security, good until 2030; a key signs for 90 days."""
_STAMP: Final = "%Y%m%dT%H%M%S%fZ"
_SALT_BYTES: Final = 32


def folder() -> Path:
    """Where they lie."""
    made = Path(settings.MADANG_INSTANCE) / "keys" / "openid"
    made.mkdir(parents=True, exist_ok=True, mode=0o700)
    return made


def made() -> Sequence[tuple[str, datetime]]:
    """The keys' names and when each was made. The first call makes the first key; of two at once, both stand."""
    if not (found := _listed()):
        make(datetime.now(UTC))
        found = _listed()
    return found


def make(now: datetime) -> str:
    """A new key; its name. It is written whole before anybody sees it, and only its owner may read it."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=_BITS)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    kid: str = jwk.JWK.from_pem(pem).thumbprint()
    _write(folder() / f"{now.astimezone(UTC).strftime(_STAMP)}.{kid}.pem", pem)
    return kid


def remove(kid: str) -> None:
    """Delete a key."""
    for file in folder().glob(f"*.{kid}.pem"):
        file.unlink(missing_ok=True)


def private(kid: str) -> Any:
    """The key by its name, read once a process."""
    [file] = folder().glob(f"*.{kid}.pem")
    return _read(file)


def public(kid: str) -> dict[str, Any]:
    """The key's public half, as relying parties read it (RFC 7517, 2015)."""
    told: dict[str, Any] = private(kid).export_public(as_dict=True)
    return told | {"kid": kid, "use": "sig", "alg": "RS256"}


def subject_salt() -> bytes:
    """What subjects are derived under; made once. Lose it, and every system knows everybody by another subject."""
    return _salt(folder() / "subjects")


@cache
def _read(file: Path) -> Any:
    return jwk.JWK.from_pem(file.read_bytes())


@cache
def _salt(file: Path) -> bytes:
    if not file.exists():
        fresh = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
        _write(fresh, secrets.token_bytes(_SALT_BYTES))
        try:
            os.link(fresh, file)
        except FileExistsError:  # another process was first: its salt stands
            pass
        finally:
            fresh.unlink()
    return file.read_bytes()


def _listed() -> list[tuple[str, datetime]]:
    parts = [file.name.split(".") for file in folder().glob("*.*.pem") if not file.name.startswith(".")]
    return [(kid, datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC)) for stamp, kid, _ in parts]


def _write(file: Path, content: bytes) -> None:
    fresh = file.with_name(f".{file.name}.new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
        opened.write(content)
    fresh.rename(file)
