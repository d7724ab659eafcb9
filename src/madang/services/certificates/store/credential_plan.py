"""How documents are given as credentials: ``profiles/<city>/credentials.yaml``."""

from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Annotated

import msgspec
from django.conf import settings

from madang.kernel.languages import Language, Text
from madang.services.certificates.contracts import Claim, CredentialPlan, KindBroken

_Some = Annotated[int, msgspec.Meta(ge=1)]


class _Claim(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"source": "from"}):
    source: str
    label: dict[Language, str]
    years: Annotated[int, msgspec.Meta(ge=0, le=150)] = 0


class _Told(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    offer_minutes: _Some
    access_minutes: _Some
    nonce_minutes: _Some
    tries: _Some
    valid_days: _Some
    places: Annotated[int, msgspec.Meta(ge=1024, le=1 << 20, multiple_of=8)]
    status_minutes: _Some
    claims: dict[str, _Claim]


@cache
def plan() -> CredentialPlan:
    """The plan, read once a process. Raises KindBroken with the place."""
    file = Path(settings.MADANG_PROFILE) / "credentials.yaml"
    try:
        told = msgspec.yaml.decode(file.read_bytes(), type=_Told)
        return CredentialPlan(
            claims=[Claim(name, one.source, Text(one.label), one.years) for name, one in told.claims.items()],
            offer_lasts=timedelta(minutes=told.offer_minutes), access_lasts=timedelta(minutes=told.access_minutes),
            nonce_lasts=timedelta(minutes=told.nonce_minutes), tries=told.tries,
            lasts=timedelta(days=told.valid_days), places=told.places,
            status_lasts=timedelta(minutes=told.status_minutes),
        )
    except (msgspec.ValidationError, msgspec.DecodeError, ValueError, OSError) as wrong:
        message = f"{file}: {wrong}"
        raise KindBroken(message) from wrong
