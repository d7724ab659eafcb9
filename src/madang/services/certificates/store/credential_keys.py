"""The keys that sign credentials: one file a key in the instance's ``keys/credentials``; the newest signs.

A key that is replaced stays announced for as long as its file lies there, so that what it has signed can be read.
"""

import json
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from jwcrypto import jwk, jws
from jwcrypto.common import JWException

from madang.kernel.selective_disclosure import DisclosureWrong, decoded
from madang.services.certificates.contracts import WalletRefused
from madang.services.certificates.rules.credentials import ALGORITHM

_PROOF: Final = "openid4vci-proof+jwt"
_STAMP: Final = "%Y%m%dT%H%M%S%fZ"
_PUBLIC: Final = ("kty", "crv", "x", "y")


def signed(claims: Mapping[str, Any], kind: str) -> str:
    """A JWS of the newest key over claims; ``kind`` is its ``typ``."""
    key = _read(_files()[-1])
    made = jws.JWS(json.dumps(claims, ensure_ascii=False))
    head = {"alg": ALGORITHM, "typ": kind, "kid": key.thumbprint()}
    made.add_signature(key, None, json.dumps(head), None)
    text: str = made.serialize(compact=True)
    return text


def key_set() -> dict[str, Any]:
    """The public halves (RFC 7517, 2015)."""
    keys = [_read(file) for file in reversed(_files())]
    return {"keys": [
        {**key.export_public(as_dict=True), "kid": key.thumbprint(), "use": "sig", "alg": ALGORITHM} for key in keys
    ]}


def nonce_secret() -> bytes:
    """What wallets' nonces are marked with; another in each instance."""
    return HKDF(SHA256(), 32, None, b"madang wallet nonces").derive(settings.SECRET_KEY.encode())


def read_proof(text: str) -> tuple[dict[str, str], str, Mapping[str, Any]]:
    """Of a wallet's proof that it has a key: the public key, its thumbprint, and what it signed. Raises WalletRefused.

    The key stands in the head (``jwk``), on the curve P-256; a head with a private half is refused.
    """
    read = jws.JWS()
    read.allowed_algs = [ALGORITHM]
    try:
        head = json.loads(decoded(text.partition(".")[0]))
        given = head["jwk"]
        if head["typ"] != _PROOF or given["crv"] != "P-256" or "d" in given:
            raise WalletRefused("invalid_proof")
        key = jwk.JWK(**{part: given[part] for part in _PUBLIC})
        read.deserialize(text, key)
        told = json.loads(read.payload)
    except (JWException, DisclosureWrong, ValueError, KeyError, TypeError):
        raise WalletRefused("invalid_proof") from None
    if not isinstance(told, dict):
        raise WalletRefused("invalid_proof")
    return {part: given[part] for part in _PUBLIC}, key.thumbprint(), told


def _files() -> Sequence[Path]:
    """Oldest first; the first call makes one. Of two made at once both stand, and the newer signs."""
    folder = Path(settings.MADANG_INSTANCE) / "keys" / "credentials"
    found = sorted(folder.glob("*.pem"))
    if not found:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _make(folder)
        found = sorted(folder.glob("*.pem"))
    return found


def _make(folder: Path) -> None:
    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    name = f"{datetime.now(UTC).strftime(_STAMP)}.{os.getpid()}"
    with os.fdopen(os.open(folder / f".{name}", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
        opened.write(pem)
    (folder / f".{name}").rename(folder / f"{name}.pem")


@cache
def _read(file: Path) -> Any:
    return jwk.JWK.from_pem(file.read_bytes())
