"""Links between accounts and identities."""

from datetime import datetime

from django.db import IntegrityError, transaction

from madang.commons.identity.foreign.contracts import Identity, LinkedElsewhere
from madang.commons.identity.foreign.models import LinkRow
from madang.kernel.clock import in_seoul
from madang.kernel.ids import AccountId


def account_of(identity: Identity) -> AccountId | None:
    """The account with which an identity is linked."""
    found = LinkRow.objects.filter(provider=identity.provider, subject=identity.subject)
    account = found.values_list("account", flat=True).first()
    return AccountId(account) if account else None


def add(identity: Identity, account: AccountId, now: datetime) -> None:
    """Link them. Raises LinkedElsewhere when either is linked already."""
    try:
        with transaction.atomic():
            LinkRow.objects.create(
                provider=identity.provider, subject=identity.subject, account_id=account, linked=now,
            )
    except IntegrityError:
        raise LinkedElsewhere from None


def remove(provider: str, account: AccountId) -> bool:
    """End a link; False if there was none."""
    return bool(LinkRow.objects.filter(provider=provider, account_id=account).delete()[0])


def of_account(account: AccountId) -> dict[str, datetime]:
    """By provider, since when the account is linked."""
    found = LinkRow.objects.filter(account_id=account).values_list("provider", "linked")
    return {provider: in_seoul(at) for provider, at in found}


def end_older(before: datetime) -> int:
    """End the links that were made before a moment; how many."""
    return LinkRow.objects.filter(linked__lt=before).delete()[0]
