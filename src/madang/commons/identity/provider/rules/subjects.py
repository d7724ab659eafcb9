"""Subjects that no two sectors can join, and what is kept of secrets and tokens."""

import hmac
from base64 import urlsafe_b64encode
from hashlib import sha256
from urllib.parse import urlsplit

from madang.kernel.ids import AccountId


def subject(account: AccountId, sector: str, salt: bytes) -> str:
    """The pairwise subject of an account in a sector (OpenID Connect Core 1.0, 2014, section 8.1).

    HMAC-SHA-256 under a key that only the provider has: two systems of different sectors cannot find out that they
    speak of one person, nor can anybody try accounts through.
    """
    mac = hmac.digest(salt, f"{sector}\n{account}".encode(), "sha256")
    return urlsafe_b64encode(mac).rstrip(b"=").decode("ascii")


def sector_of(sector: str, redirect_uri: str) -> str:
    """The sector that was registered, else the host of a redirect address."""
    return sector or (urlsplit(redirect_uri).hostname or "")


def kept(secret: str) -> str:
    """What is kept of a code, token or secret: its SHA-256, hexadecimal.

    No salt is needed: tokens and secrets have 256 random bits, codes 178 (oauthlib's thirty letters and digits).
    """
    return sha256(secret.encode()).hexdigest()


def is_same(secret: str, held: str) -> bool:
    """Whether ``held`` was kept of ``secret``, in a time that tells nothing."""
    return bool(held) and hmac.compare_digest(kept(secret), held)
