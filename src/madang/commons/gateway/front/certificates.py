"""The front's certificate: from a small authority of the instance's own, unless the city brings one."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_AUTHORITY_DAYS: Final = 3650
_SERVER_DAYS: Final = 397  # the longest that browsers accept (CA/Browser Forum, 2020)
_RENEW_DAYS: Final = 30
_CLOCK_SKEW: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Certificate:
    """Where a certificate with its chain and its key lie, both in PEM; they may lie in one file."""

    chain: Path
    key: Path


@dataclass(frozen=True, slots=True)
class _Authority:
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def authority_file(keys: Path) -> Path:
    """The authority's certificate: a browser that trusts it trusts the front. It may vouch for our hosts only."""
    return keys / "authority.pem"


def ensure(keys: Path, hosts: Sequence[str], now: datetime) -> Certificate:
    """The front's certificate for ``hosts``, made or renewed when it lacks, runs out within 30 days, or names others.

    Safe to call while the front runs: chain and key are one file, replaced in one step, and it reads that again.
    """
    keys.mkdir(parents=True, exist_ok=True, mode=0o700)
    server = Certificate(keys / "front.pem", keys / "front.pem")
    if not _is_good(server.chain, hosts, now):
        authority = _authority(keys, hosts, now)
        _write(server.key, _made_by(authority, hosts, now), mode=0o600)
    return server


def renew(keys: Path, now: datetime) -> None:
    """Renew the front's certificate for the hosts that it names, if there is one and its time has come."""
    chain = keys / "front.pem"
    if chain.exists():
        ensure(keys, _hosts(x509.load_pem_x509_certificate(chain.read_bytes())), now)


def _hosts(certificate: x509.Certificate) -> list[str]:
    named = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return [str(name.value) for name in named]


def _authority(keys: Path, hosts: Sequence[str], now: datetime) -> _Authority:
    file, key_file = authority_file(keys), keys / "authority.key"
    if file.exists() and key_file.exists():
        known = x509.load_pem_x509_certificate(file.read_bytes())
        if _days_left(known, now) > _SERVER_DAYS and _constraints(hosts) in list(known.extensions):
            key = serialization.load_pem_private_key(key_file.read_bytes(), None)
            if isinstance(key, ec.EllipticCurvePrivateKey):
                return _Authority(known, key)
    return _make_authority(file, key_file, hosts, now)


def _make_authority(file: Path, key_file: Path, hosts: Sequence[str], now: datetime) -> _Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("Madang instance authority")
    constraints = _constraints(hosts)
    certificate = (
        _builder(name, name, key.public_key(), now, _AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(constraints.value, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    _write(key_file, _pem_of(key), mode=0o600)
    _write(file, certificate.public_bytes(serialization.Encoding.PEM), mode=0o644)
    return _Authority(certificate, key)


def _made_by(authority: _Authority, hosts: Sequence[str], now: datetime) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    issuer = authority.certificate
    certificate = (
        _builder(_name(hosts[0]), issuer.subject, key.public_key(), now, _SERVER_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(_names(hosts)), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(authority.key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    return _pem_of(key) + certificate.public_bytes(pem) + issuer.public_bytes(pem)


def _is_good(chain: Path, hosts: Sequence[str], now: datetime) -> bool:
    if not chain.exists():
        return False
    certificate = x509.load_pem_x509_certificate(chain.read_bytes())
    named = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return _days_left(certificate, now) > _RENEW_DAYS and list(named) == _names(hosts)


def _days_left(certificate: x509.Certificate, now: datetime) -> int:
    return (certificate.not_valid_after_utc - now).days


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime, days: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCK_SKEW)
        .not_valid_after(now + timedelta(days=days))
    )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _names(hosts: Sequence[str]) -> list[x509.GeneralName]:
    return [x509.IPAddress(ip_address(host)) if _is_address(host) else x509.DNSName(host) for host in hosts]


def _constraints(hosts: Sequence[str]) -> x509.Extension[x509.NameConstraints]:
    permitted: list[x509.GeneralName] = [
        x509.IPAddress(_network(host)) if _is_address(host) else x509.DNSName(host) for host in hosts
    ]
    value = x509.NameConstraints(permitted_subtrees=permitted, excluded_subtrees=None)
    return x509.Extension(value.oid, critical=True, value=value)


def _network(address: str) -> IPv4Network | IPv6Network:
    return ip_network(address)


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates, key_cert_sign=signs_certificates, crl_sign=signs_certificates,
        content_commitment=False, key_encipherment=False, data_encipherment=False, key_agreement=False,
        encipher_only=False, decipher_only=False,
    )


def _pem_of(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(file: Path, content: bytes, *, mode: int) -> None:
    """Replace in one step, never readable by more than ``mode`` says."""
    new = file.with_name(f".{file.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as out:
        out.write(content)
    new.replace(file)
