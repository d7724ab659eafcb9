"""The keys of the city's electronic seal: an authority of the instance's own and the certificate that it gives.

A city with a key of its own (a token, a signing service) writes another ``Signer``; nothing else changes.
"""

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Final, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID, ObjectIdentifier

_AUTHORITY_YEARS: Final = 20
_SEAL_YEARS: Final = 3  # the longest life of a qualified seal's certificate in common use, 2025
_CLOCK_SKEW: Final = timedelta(hours=1)
_DOCUMENT_SIGNING: Final = ObjectIdentifier("1.3.6.1.5.5.7.3.36")  # RFC 9336 (2022)


@dataclass(frozen=True, slots=True)
class KeyFile:
    """A signer whose key lies in a file; read once."""

    certificate: bytes
    chain: Sequence[bytes]
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The signer in ``folder``: ``seal.key``, ``seal.pem``, ``authority.pem``."""
        key = serialization.load_pem_private_key((folder / "seal.key").read_bytes(), None)
        if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
            message = f"{folder / 'seal.key'} is no key on the curve P-256"
            raise TypeError(message)
        return cls(_der(folder / "seal.pem"), (_der(folder / "authority.pem"),), key)

    def sign(self, message: bytes) -> bytes:
        """ECDSA over SHA-256, DER."""
        return self.key.sign(message, ec.ECDSA(hashes.SHA256()))


def folder_of(keys: Path) -> Path:
    """Where the seal's keys lie within the instance's keys."""
    return keys / "seal"


def ensure(keys: Path, organisation: str, now: datetime) -> Path:
    """The folder of the seal's keys, made at the first call; of two processes that make it at once, one wins."""
    folder = folder_of(keys)
    if folder.exists():
        return folder
    keys.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = Path(mkdtemp(prefix=".seal-", dir=keys))
    _make(fresh, organisation, now)
    try:
        fresh.rename(folder)
    except OSError:  # another process has just made it; its keys stand
        shutil.rmtree(fresh)
    return folder


@cache
def signer(folder: Path) -> KeyFile:
    """The signer in ``folder``, read once a process."""
    return KeyFile.read(folder)


def authority(keys: Path) -> bytes:
    """The authority's certificate, PEM: whoever trusts it can check a document without asking the city."""
    return (folder_of(keys) / "authority.pem").read_bytes()


def _make(folder: Path, organisation: str, now: datetime) -> None:
    root, seal = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = _name(organisation, "Madang instance authority (demonstration)")
    own = _certificate(issuer, issuer, root, now, _AUTHORITY_YEARS, is_authority=True).sign(root, hashes.SHA256())
    subject = _name(organisation, "Electronic seal (demonstration)")
    certificate = _certificate(subject, issuer, seal, now, _SEAL_YEARS, is_authority=False, above=root)
    _write(folder / "authority.key", _pem(root))
    _write(folder / "seal.key", _pem(seal))
    (folder / "authority.pem").write_bytes(own.public_bytes(serialization.Encoding.PEM))
    sealed = certificate.sign(root, hashes.SHA256())
    (folder / "seal.pem").write_bytes(sealed.public_bytes(serialization.Encoding.PEM))


def _certificate(  # noqa: PLR0913 -- who, by whom, with which key, from when, how long, and of which kind
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, years: int,
    *, is_authority: bool, above: ec.EllipticCurvePrivateKey | None = None,
) -> x509.CertificateBuilder:
    usage = x509.KeyUsage(
        digital_signature=not is_authority, content_commitment=not is_authority, key_encipherment=False,
        data_encipherment=False, key_agreement=False, key_cert_sign=is_authority, crl_sign=is_authority,
        encipher_only=False, decipher_only=False,
    )
    builder = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCK_SKEW).not_valid_after(now + timedelta(days=365 * years))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=0 if is_authority else None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key((above or key).public_key()), critical=False)
    )
    if is_authority:
        return builder
    return builder.add_extension(x509.ExtendedKeyUsage([_DOCUMENT_SIGNING]), critical=False)


def _name(organisation: str, what: str) -> x509.Name:
    return x509.Name([
        x509.NameAttribute(NameOID.COUNTRY_NAME, "KR"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
        x509.NameAttribute(NameOID.COMMON_NAME, what),
    ])


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(file: Path, content: bytes) -> None:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
        opened.write(content)


def _der(file: Path) -> bytes:
    return x509.load_pem_x509_certificate(file.read_bytes()).public_bytes(serialization.Encoding.DER)
