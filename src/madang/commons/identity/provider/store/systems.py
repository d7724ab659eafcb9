"""Registered systems."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q

from madang.commons.identity.provider.contracts import Grant, People, System, SystemId, SystemTaken
from madang.commons.identity.provider.models import SystemRow
from madang.commons.identity.provider.rules import subjects
from madang.kernel.assurance import Assurance
from madang.kernel.clock import in_seoul
from madang.kernel.languages import Language, Text

_NOTE_EVERY = timedelta(minutes=1)
"""How often a sign-in is noted on its system's row: evidence needs no more, and a busy system's row is not locked."""


def add(system: System, secret: str) -> None:
    """Register a system under the hash of its secret. Raises SystemTaken."""
    texts = {name: dict(getattr(system, name).by_language) for name in ("name", "department", "purpose")}
    try:
        with transaction.atomic():
            SystemRow.objects.create(
                client_id=system.id, name=system.name.into(Language.EN)[:255], texts=texts, people=system.people,
                client_type=SystemRow.CLIENT_PUBLIC if system.is_public else SystemRow.CLIENT_CONFIDENTIAL,
                client_secret=subjects.kept(secret) if secret else "", hash_client_secret=False,
                authorization_grant_type=SystemRow.GRANT_AUTHORIZATION_CODE, algorithm=SystemRow.RS256_ALGORITHM,
                grants=sorted(system.grants), scopes=sorted(system.scopes), sector=system.sector,
                redirect_uris=" ".join(system.redirect_uris), least_assurance=system.least_assurance,
                post_logout_redirect_uris=" ".join(system.post_logout_redirect_uris),
                backchannel_logout_uri=system.backchannel_logout_uri,
            )
    except IntegrityError:
        raise SystemTaken(system=system.id) from None


def row(system: str) -> Any:
    """The row of a system, or None."""
    if "\x00" in system:
        return None
    return SystemRow.objects.filter(client_id=system).first()


def system(system_id: str) -> System | None:
    """The system, or None."""
    found = row(system_id)
    return system_from(found) if found else None


def systems() -> list[System]:
    """Every system, by its id."""
    return [system_from(one) for one in SystemRow.objects.order_by("client_id")]


def set_secret(system_id: str, secret: str, old_until: datetime) -> bool:
    """Give a system another secret; the one before it works until ``old_until``. False for an unknown system."""
    found = SystemRow.objects.select_for_update().filter(client_id=system_id).first()
    if found is None:
        return False
    found.old_secret, found.old_secret_until = found.client_secret, old_until
    found.client_secret = subjects.kept(secret)
    found.save(update_fields=["old_secret", "old_secret_until", "client_secret", "updated"])
    return True


def remove(system_id: str) -> bool:
    """Take a system away with all that rests on it. False for an unknown one."""
    return bool(SystemRow.objects.filter(client_id=system_id).delete()[0])


def note_sign_in(system_id: str, at: datetime) -> None:
    """Note that somebody has just signed in at a system."""
    stale = Q(last_sign_in=None) | Q(last_sign_in__lt=at - _NOTE_EVERY)
    SystemRow.objects.filter(stale, client_id=system_id).update(last_sign_in=at)


def signed_in_since(moment: datetime) -> Mapping[str, datetime]:
    """By system, when somebody last signed in there, of those where it was at ``moment`` or later."""
    found = SystemRow.objects.filter(last_sign_in__gte=moment).values_list("client_id", "last_sign_in")
    return {system_id: in_seoul(at) for system_id, at in found}


def system_from(found: Any) -> System:
    """The system of a row."""
    texts = {
        name: Text({Language(code): said for code, said in words.items()}) for name, words in found.texts.items()
    }
    return System(
        id=SystemId(found.client_id), name=texts["name"], department=texts["department"], purpose=texts["purpose"],
        people=People(found.people), grants=frozenset(Grant(one) for one in found.grants),
        scopes=frozenset(found.scopes), redirect_uris=tuple(found.redirect_uris.split()),
        post_logout_redirect_uris=tuple(found.post_logout_redirect_uris.split()),
        backchannel_logout_uri=found.backchannel_logout_uri, sector=found.sector,
        least_assurance=Assurance(found.least_assurance),
        is_public=found.client_type == SystemRow.CLIENT_PUBLIC,
        last_sign_in=in_seoul(found.last_sign_in) if found.last_sign_in else None,
    )
