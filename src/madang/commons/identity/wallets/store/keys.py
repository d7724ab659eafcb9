"""The key by which wallets know who asks them: ``keys/wallets/asker.key`` and ``asker.pem``, made at first use.

The authority above it is thrown away once it has signed; ``authority.pem`` is what a wallet may trust. A city puts the
key and the certificate there with which it is registered as a relying party.
"""

import json
import os
import shutil
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.conf import settings
from jwcrypto import jwk, jws

from madang.commons.identity.wallets.rules import ALGORITHM
from madang.kernel.selective_disclosure import encoded

_LASTS: Final = timedelta(days=365 * 3)
_SKEW: Final = timedelta(hours=1)


def client() -> str:
    """Who asks: the hash of the certificate that stands in the question (OpenID4VP 1.0, section 5.9.3, x509_hash)."""
    return f"x509_hash:{encoded(sha256(_certificate(_folder())).digest())}"


def signed(claims: Mapping[str, Any]) -> str:
    """A request object (RFC 9101, 2021)."""
    folder = _folder()
    head = {"alg": ALGORITHM, "typ": "oauth-authz-req+jwt", "x5c": [b64encode(_certificate(folder)).decode("ascii")]}
    made = jws.JWS(json.dumps(claims))
    made.add_signature(_key(folder), None, json.dumps(head), None)
    text: str = made.serialize(compact=True)
    return text


def _folder() -> Path:
    folder = Path(settings.MADANG_INSTANCE) / "keys" / "wallets"
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = Path(mkdtemp(prefix=".wallets-", dir=folder.parent))
        _make(fresh, datetime.now(UTC))
        try:
            fresh.rename(folder)
        except OSError:  # another process has just made it; its key stands
            shutil.rmtree(fresh)
    return folder


@cache
def _certificate(folder: Path) -> bytes:
    return x509.load_pem_x509_certificate((folder / "asker.pem").read_bytes()).public_bytes(serialization.Encoding.DER)


@cache
def _key(folder: Path) -> Any:
    return jwk.JWK.from_pem((folder / "asker.key").read_bytes())


def _make(folder: Path, now: datetime) -> None:
    above, own = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root = _name("Madang instance relying parties (demonstration)")
    for name, subject, key, is_authority in (
        ("authority", root, above, True), ("asker", _name("The city (demonstration)"), own, False),
    ):
        made = (
            x509.CertificateBuilder().subject_name(subject).issuer_name(root).public_key(key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(now - _SKEW).not_valid_after(now + _LASTS)
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
            .sign(above, hashes.SHA256())
        )
        (folder / f"{name}.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    with os.fdopen(os.open(folder / "asker.key", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
        opened.write(own.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ))


def _name(what: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "KR"), x509.NameAttribute(NameOID.COMMON_NAME, what)])
