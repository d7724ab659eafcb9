"""The signature itself: CMS SignedData as PAdES B-B asks for it (ETSI EN 319 142-1 V1.2.1, 2024, section 6).

Written in DER here, because nothing in it changes from document to document but a digest and a signature: pyHanko
takes 33 ms of CPU for the same bytes, this 0.2 ms (docs/decisions/0016-typst-and-pyhanko.md). Tests read every
signature back with pyHanko's own validator.
"""

from hashlib import sha256
from typing import Final

from cryptography import x509

from madang.services.certificates.contracts import Signer

_SEQUENCE: Final = 0x30
_SET: Final = 0x31
_INTEGER: Final = 0x02
_OCTETS: Final = 0x04
_OID: Final = 0x06
_CONTEXT_0: Final = 0xA0
_DIRECTORY_NAME: Final = 0xA4
_LONG_FORM: Final = 0x80

# object identifiers of RFC 5652 (2009), RFC 5035 (2007), RFC 5758 (2010), in DER
_DATA: Final = bytes.fromhex("2a864886f70d010701")
_SIGNED_DATA: Final = bytes.fromhex("2a864886f70d010702")
_CONTENT_TYPE: Final = bytes.fromhex("2a864886f70d010903")
_MESSAGE_DIGEST: Final = bytes.fromhex("2a864886f70d010904")
_SIGNING_CERTIFICATE_V2: Final = bytes.fromhex("2a864886f70d010910022f")
_SHA256: Final = bytes.fromhex("608648016503040201")
_ECDSA_SHA256: Final = bytes.fromhex("2a8648ce3d040302")


def signed_data(digest: bytes, signer: Signer) -> bytes:
    """The DER of a detached signature over content whose SHA-256 is ``digest``. The time is the PDF's own entry."""
    attributes = _attributes(digest, signer.certificate)
    signature = signer.sign(_der(_SET, attributes))
    body = _der(
        _SEQUENCE, _integer(1), _der(_SET, _algorithm(_SHA256)), _der(_SEQUENCE, _oid(_DATA)),
        _der(_CONTEXT_0, signer.certificate, *signer.chain),
        _der(_SET, _signer_info(signer.certificate, attributes, signature)),
    )
    return _der(_SEQUENCE, _oid(_SIGNED_DATA), _der(_CONTEXT_0, body))


def _attributes(digest: bytes, certificate: bytes) -> bytes:
    """The signed attributes in DER's order of a set. PAdES forbids the signing time here."""
    attributes = (
        _attribute(_CONTENT_TYPE, _oid(_DATA)),
        _attribute(_MESSAGE_DIGEST, _der(_OCTETS, digest)),
        _attribute(_SIGNING_CERTIFICATE_V2, _certificate_reference(certificate)),
    )
    return b"".join(sorted(attributes))


def _certificate_reference(certificate: bytes) -> bytes:
    """Which certificate signs, so that nobody puts another of the same key in its place (ESSCertIDv2)."""
    issuer, serial = _issuer_and_serial(certificate)
    names = _der(_SEQUENCE, _der(_DIRECTORY_NAME, issuer))
    reference = _der(_SEQUENCE, _der(_OCTETS, sha256(certificate).digest()), _der(_SEQUENCE, names, serial))
    return _der(_SEQUENCE, _der(_SEQUENCE, reference))


def _signer_info(certificate: bytes, attributes: bytes, signature: bytes) -> bytes:
    return _der(
        _SEQUENCE, _integer(1), _der(_SEQUENCE, *_issuer_and_serial(certificate)), _algorithm(_SHA256),
        _der(_CONTEXT_0, attributes), _algorithm(_ECDSA_SHA256), _der(_OCTETS, signature),
    )


def _issuer_and_serial(certificate: bytes) -> tuple[bytes, bytes]:
    read = x509.load_der_x509_certificate(certificate)
    return read.issuer.public_bytes(), _integer(read.serial_number)


def _attribute(name: bytes, value: bytes) -> bytes:
    return _der(_SEQUENCE, _oid(name), _der(_SET, value))


def _algorithm(identifier: bytes) -> bytes:
    return _der(_SEQUENCE, _oid(identifier))


def _oid(identifier: bytes) -> bytes:
    return _der(_OID, identifier)


def _integer(number: int) -> bytes:
    return _der(_INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def _der(tag: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    return bytes([tag]) + _length(len(content)) + content


def _length(size: int) -> bytes:
    if size < _LONG_FORM:
        return bytes([size])
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([_LONG_FORM | len(octets)]) + octets
