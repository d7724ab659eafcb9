"""What is asked of a wallet, and what an answer must say to be believed (OpenID4VP 1.0, 2025; RFC 9901, 2025)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from madang.commons.identity.foreign.contracts import Identity, Issuer
from madang.commons.identity.foreign.rules import subject_key
from madang.commons.identity.wallets.contracts import Means, NotTaken, Presented, Question
from madang.kernel.assurance import Assurance

ALGORITHM: Final = "ES256"
FORMAT: Final = "dc+sd-jwt"
_WALLETS: Final = "https://self-issued.me/v2"
"""To whom a question is addressed when no wallet is known yet (OpenID4VP 1.0, section 5.8)."""
_YES_NO: Final = {True: "yes", False: "no"}
_SKEW: Final = timedelta(seconds=30)
_BOUND_WITHIN: Final = timedelta(minutes=5)
"""How long ago the holder's key may have signed: a question lasts no longer."""


def query(issuers: Iterable[Issuer], claims: Sequence[str] = ()) -> dict[str, Any]:
    """What is asked for, in DCQL (section 6): one credential of any issuer, of it who somebody is, and ``claims``."""
    asked = list(issuers)
    return {
        "credentials": [
            {
                "id": one.name, "format": FORMAT, "meta": {"vct_values": list(one.types)},
                "claims": [{"path": [name]} for name in (one.resident_claim, *claims)],
            }
            for one in asked
        ],
        "credential_sets": [{"options": [[one.name] for one in asked]}],
    }


def request(
    question: Question, client: str, answer_at: str, asked: Mapping[str, Any], now: datetime
) -> dict[str, Any]:
    """The request object's claims (section 5); ``asked`` is the DCQL query."""
    ways = {"sd-jwt_alg_values": [ALGORITHM], "kb-jwt_alg_values": [ALGORITHM]}
    return {
        "iss": client, "aud": _WALLETS, "client_id": client, "response_type": "vp_token",
        "response_mode": "direct_post", "response_uri": answer_at, "nonce": question.nonce, "state": question.state,
        "dcql_query": dict(asked), "client_metadata": {"vp_formats_supported": {FORMAT: ways}},
        "iat": int(now.timestamp()), "exp": int(question.ends.timestamp()),
    }


def link_query(client: str, request_at: str) -> str:
    """What a wallet's address is called with (section 5.10)."""
    return urlencode({"client_id": client, "request_uri": request_at, "request_uri_method": "post"})


def presentation_in(vp_token: Any, issuers: Mapping[str, Issuer]) -> tuple[Issuer, str]:
    """The one presentation in an answer, and which issuer's it should be. Raises NotTaken (section 8.1)."""
    if not isinstance(vp_token, dict) or len(vp_token) != 1:
        raise NotTaken("vp_token")
    [(name, shown)] = vp_token.items()
    if name not in issuers or not isinstance(shown, list) or len(shown) != 1 or not isinstance(shown[0], str):
        raise NotTaken("vp_token")
    return issuers[name], shown[0]


def require_issuer(issuer: Issuer, signed: Mapping[str, Any]) -> None:
    """Raise NotTaken unless it is the issuer that was asked for, and a credential that is taken from it."""
    _require(signed.get("iss") == issuer.issuer, "issuer")
    _require(signed.get("vct") in issuer.types, "vct")


def require_holds(presented: Presented, now: datetime) -> None:
    """Raise NotTaken for a credential that is not in force: without an end, expired, or not begun."""
    signed = presented.signed
    ends, begins = _moment(signed.get("exp"), now), _moment(signed.get("nbf", signed.get("iat")), now)
    _require(ends is not None and now < ends + _SKEW, "expired")
    _require(begins is not None and begins <= now + _SKEW, "not yet")


def require_bound(presented: Presented, question: Question, client: str, now: datetime) -> None:
    """Raise NotTaken unless the holder's key signed this very presentation, for us and this question, just now."""
    bound = presented.bound
    _require(bound.get("nonce") == question.nonce, "nonce")
    _require(bound.get("aud") == client, "aud")
    _require(bound.get("sd_hash") == presented.hashed, "sd_hash")
    made = _moment(bound.get("iat"), now)
    _require(made is not None and now - _BOUND_WITHIN < made < now + _SKEW, "iat")


def status_of(signed: Mapping[str, Any]) -> tuple[str, int] | None:
    """Where a credential's status stands: address and place; None when it has none. Raises NotTaken."""
    if "status" not in signed:
        return None
    try:
        uri, place = signed["status"]["status_list"]["uri"], signed["status"]["status_list"]["idx"]
    except (KeyError, TypeError):
        raise NotTaken("status") from None
    _require(isinstance(uri, str) and type(place) is int and place >= 0, "status")
    return uri, place


def require_list(told: Mapping[str, Any], uri: str, now: datetime) -> None:
    """Raise NotTaken for a status list of another address, or one that is too old."""
    ends = _moment(told.get("exp"), now)
    _require(told.get("sub") == uri, "status")
    _require(ends is not None and now < ends + _SKEW, "status")


def identity_from(issuer: Issuer, presented: Presented, means: Means, now: datetime) -> Identity:
    """Who somebody is by a credential that was checked. Raises NotTaken when it does not say so."""
    resident = presented.told.get(issuer.resident_claim)
    _require(isinstance(resident, str) and bool(resident), issuer.resident_claim)
    level = issuer.levels.get(means, Assurance.NONE)
    return Identity(issuer.name, subject_key(issuer, str(resident)), level, str(resident), now)


def claims_in(presented: Presented, asked: Sequence[str]) -> dict[str, str]:
    """What was asked as evidence, as answers of a form read it. Raises NotTaken for a claim that is not there."""
    told = {name: presented.told.get(name) for name in asked}
    for name, value in told.items():
        _require(isinstance(value, str | bool), name)
    return {name: value if isinstance(value, str) else _YES_NO[bool(value)] for name, value in told.items()}


def _moment(told: Any, now: datetime) -> datetime | None:
    is_number = isinstance(told, int | float) and not isinstance(told, bool) and 0 < told < 1e11  # noqa: PLR2004 -- the year 5138
    return datetime.fromtimestamp(told, now.tzinfo) if is_number else None


def _require(holds: bool, what: str) -> None:  # noqa: FBT001 -- the fact is the argument
    if not holds:
        raise NotTaken(what)
