"""What a system learns about a person: of what it may ask, only what the person's account has."""

from collections.abc import Iterable, Mapping
from typing import Any

from madang.commons.identity.contracts import Account
from madang.commons.identity.provider.contracts import PersonScope

CLAIMS = ("sub", "locale", "email", "email_verified", "department", "post")
"""Every claim about a person that the city can tell."""


def about(account: Account, subject: str, scopes: Iterable[PersonScope]) -> Mapping[str, Any]:
    """The claims of these scopes. E-mail addresses were checked before the account was made."""
    told = {
        "sub": subject, "locale": account.language.tag, "email": account.email, "email_verified": True,
        "department": account.department, "post": account.post,
    }
    asked = frozenset({"sub"}).union(*(scope.claims for scope in scopes))
    return {name: told[name] for name in CLAIMS if name in asked and told[name] != ""}
