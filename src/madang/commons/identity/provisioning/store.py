"""Provisioned staff in PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import QuerySet

from madang.commons.identity.provisioning.contracts import Provisioned, Wanted
from madang.commons.identity.provisioning.models import ProvisionedRow
from madang.kernel.clock import in_seoul
from madang.kernel.ids import AccountId
from madang.kernel.languages import Language


def of_client(client: str, email: str = "") -> Sequence[Provisioned]:
    """Everybody whom a client provisioned, or those with an e-mail address, the first made first."""
    rows = _rows(client).order_by("created", "account")
    return [_provisioned(row) for row in (rows.filter(account__email=email) if email else rows)]


def find(client: str, account: AccountId) -> Provisioned | None:
    """One account, if this client provisioned it."""
    row = _rows(client).filter(account=account).first()
    return _provisioned(row) if row else None


def lock(client: str, account: AccountId) -> Provisioned | None:
    """As ``find``, locked until the transaction ends, so that two patches at once follow each other."""
    row = _rows(client).select_for_update(of=("self",)).filter(account=account).first()
    return _provisioned(row) if row else None


def keep(client: str, account: AccountId, wanted: Wanted, posts: Sequence[str], now: datetime) -> None:
    """Keep what the client says of an account."""
    told = {"external_id": wanted.external_id, "posts": sorted(posts), "modified": now}
    ProvisionedRow.objects.update_or_create(
        account_id=account, client=client, defaults=told, create_defaults=told | {"created": now, "client": client},
    )


def forget(account: AccountId) -> None:
    """Delete what the client said; the account itself stays, closed."""
    ProvisionedRow.objects.filter(account=account).delete()


def forget_closed(before: datetime) -> int:
    """Delete what was said of accounts that are closed and were last changed before then; how many."""
    return ProvisionedRow.objects.filter(account__is_active=False, modified__lt=before).delete()[0]


def _rows(client: str) -> QuerySet[ProvisionedRow]:
    return ProvisionedRow.objects.filter(client=client).select_related("account")


def _provisioned(row: ProvisionedRow) -> Provisioned:
    who = row.account
    said = Wanted(who.email, who.department, who.post, Language(who.language), who.is_active, row.external_id)
    return Provisioned(
        AccountId(who.id), said, tuple(row.posts), in_seoul(row.created), in_seoul(row.modified),
    )
