"""What people allowed systems to learn."""

from datetime import datetime
from uuid import UUID

from django.db.models import Max

from madang.commons.identity.provider.contracts import Connection
from madang.commons.identity.provider.models import ConsentRow, SignInRow, SystemRow
from madang.commons.identity.provider.store import profile, systems
from madang.kernel.clock import in_seoul
from madang.kernel.ids import AccountId


def allowed(account: AccountId, system_id: str, now: datetime) -> frozenset[str]:
    """What the account allowed a system to learn, unless that has run out."""
    held = ConsentRow.objects.filter(account_id=account, system__client_id=system_id, until__gt=now)
    return frozenset(held.values_list("scopes", flat=True).first() or ())


def put(account: AccountId, system_id: str, scopes: frozenset[str], now: datetime, until: datetime) -> UUID:
    """Keep what the account allows a system, with what it allowed before."""
    facts = {"scopes": sorted(scopes | allowed(account, system_id, now)), "given": now, "until": until}
    system = SystemRow.objects.get(client_id=system_id)
    return ConsentRow.objects.update_or_create(system=system, account_id=account, defaults=facts)[0].id


def connections(account: AccountId, now: datetime) -> list[Connection]:
    """The consents of an account that stand, newest first."""
    held = ConsentRow.objects.filter(account_id=account, until__gt=now).select_related("system").order_by("-given")
    signed = SignInRow.objects.filter(account_id=account).values_list("system").annotate(last=Max("at"))
    last = dict(signed.values_list("system_id", "last"))
    scopes = profile.policy().scopes
    return [
        Connection(
            row.id, systems.system_from(row.system), tuple(scopes[one] for one in scopes if one in row.scopes),
            in_seoul(row.given), in_seoul(row.until),
            in_seoul(last[row.system_id]) if row.system_id in last else None,
        )
        for row in held
    ]


def withdraw(account: AccountId, consent: UUID) -> str | None:
    """Take a consent back; the system's id, or None when it is not there or another's."""
    held = ConsentRow.objects.select_for_update(of=("self",)).select_related("system")
    row = held.filter(id=consent, account_id=account).first()
    if row is None:
        return None
    row.delete()
    return str(row.system.client_id)


def forget(now: datetime) -> int:
    """Delete consents that have run out. How many."""
    return ConsentRow.objects.filter(until__lte=now).delete()[0]
