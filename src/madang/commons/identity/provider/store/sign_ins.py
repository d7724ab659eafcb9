"""Sign-ins at systems, and the codes and tokens that rest on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.crypto import constant_time_compare

from madang.commons.identity.models import AccountRow
from madang.commons.identity.provider.contracts import Client, Presence, SignIn, System, SystemId
from madang.commons.identity.provider.models import AccessTokenRow, CodeRow, RefreshTokenRow, SignInRow, SystemRow
from madang.commons.identity.provider.rules import subjects
from madang.commons.identity.provider.store import keys
from madang.kernel.assurance import Assurance
from madang.kernel.clock import in_seoul
from madang.kernel.ids import AccountId
from madang.kernel.languages import Language


@dataclass(frozen=True, slots=True)
class Held:
    """What is kept of an access token that has not ended; ``sign_in`` is None for a system's own."""

    system: SystemId
    scopes: frozenset[str]
    issued: datetime
    expires: datetime
    sign_in: SignIn | None


def add_sign_in(system: System, present: Presence, scopes: frozenset[str], now: datetime, until: datetime) -> UUID:
    """Note that somebody signs in at a system; what its tokens will rest on."""
    account = AccountRow.objects.get(id=present.account)
    made = SignInRow.objects.create(
        system=SystemRow.objects.get(client_id=system.id), account=account, session=present.session,
        stamp=account.get_session_auth_hash(), assurance=present.assurance, methods=list(present.methods),
        proved=present.proved, scopes=sorted(scopes), at=now, until=until,
    )
    return made.id


def sign_in_from(row: SignInRow) -> SignIn:
    """The sign-in of a row, with the subject under which its system knows the person."""
    return SignIn(
        row.id, SystemId(row.system.client_id), AccountId(row.account_id), Assurance(row.assurance),
        tuple(row.methods), in_seoul(row.proved), frozenset(row.scopes),
        subjects.subject(AccountId(row.account_id), row.system.sector, keys.subject_salt()),
    )


def sign_in(sign_in_id: UUID) -> SignIn | None:
    """A sign-in, ended or not."""
    row = SignInRow.objects.select_related("system", "account").filter(id=sign_in_id).first()
    return sign_in_from(row) if row else None


def stands(row: SignInRow, now: datetime) -> bool:
    """Whether it has not ended: by itself, with its account, or with a changed password."""
    open_still = row.ended is None and now < row.until and row.account.is_active
    return open_still and constant_time_compare(row.stamp, row.account.get_session_auth_hash())


def lock_code(code: str, system: SystemRow) -> Any:
    """The code's row if it was given to this system, locked until the transaction ends."""
    return CodeRow.objects.select_for_update(of=("self",)).select_related("sign_in__account", "sign_in__system").filter(
        code=subjects.kept(code), application=system
    ).first()


def add_code(code: str, sign_in_id: UUID, request: Any, expires: datetime) -> None:
    """Keep the hash of a code, and what it was asked with."""
    held = SignInRow.objects.get(id=sign_in_id)
    CodeRow.objects.create(
        code=subjects.kept(code), sign_in=held, application=request.client, expires=expires,
        redirect_uri=request.redirect_uri, scope=" ".join(request.scopes), nonce=(request.nonce or "")[:255],
        code_challenge=request.code_challenge, code_challenge_method=request.code_challenge_method,
    )


def spend_code(row: CodeRow, now: datetime) -> None:
    """Mark a code used."""
    row.used = now
    row.save(update_fields=["used", "updated"])


def lock_refresh(token: str, system: SystemRow) -> Any:
    """The refresh token's row if it was given to this system, used or not, locked until the transaction ends."""
    rows = RefreshTokenRow.objects.select_for_update(of=("self",)).filter(
        token_checksum=subjects.kept(token), application=system
    )
    return rows.select_related("sign_in__account", "sign_in__system").order_by("-id").first()


def spend_refresh(row: RefreshTokenRow, now: datetime) -> None:
    """Mark a refresh token used, and end the access token that came with it."""
    AccessTokenRow.objects.filter(id=row.access_token_id).delete()
    row.revoked, row.access_token = now, None
    row.save(update_fields=["revoked", "access_token", "updated"])


def add_access(token: str, system: SystemRow, scopes: str, expires: datetime, of: SignInRow | None) -> AccessTokenRow:
    """Keep the hash of an access token."""
    row = AccessTokenRow(
        application=system, sign_in=of, scope=scopes, expires=expires, token="",
    )
    row._raw_token = token  # noqa: SLF001 -- the library's way to keep the hash alone
    row.save(force_insert=True)
    return row


def add_refresh(token: str, access: AccessTokenRow, of: SignInRow) -> None:
    """Keep the hash of a refresh token."""
    row = RefreshTokenRow(
        application=access.application, access_token=access, sign_in=of, token="", token_family=of.id,
    )
    row._raw_token = token  # noqa: SLF001 -- as above
    row.save(force_insert=True)


def access(token: str, now: datetime) -> Held | None:
    """What is kept of an access token, unless it has ended. One query."""
    row = (
        AccessTokenRow.objects.select_related("application", "sign_in__account", "sign_in__system")
        .filter(token_checksum=subjects.kept(token), expires__gt=now).first()
    )
    if row is None or (row.sign_in is not None and not stands(row.sign_in, now)):
        return None
    return Held(
        SystemId(row.application.client_id), frozenset(row.scope.split()), in_seoul(row.created),
        in_seoul(row.expires), sign_in_from(row.sign_in) if row.sign_in else None,
    )


def client_of(token: str, now: datetime) -> Client | None:
    """Whose own token this is: nobody's for a person's, an ended or an unknown one. One query."""
    found = AccessTokenRow.objects.filter(token_checksum=subjects.kept(token), expires__gt=now, sign_in=None)
    facts = found.values_list("application__client_id", "application__texts", "scope", "expires").first()
    if facts is None:
        return None
    system_id, texts, scopes, expires = facts
    return Client(SystemId(system_id), texts["department"][Language.KO], frozenset(scopes.split()), in_seoul(expires))


def end_token(token: str, system: SystemRow, now: datetime) -> None:
    """End a token of this system's; a person's with all that came from the same sign-in (RFC 7009, 2013, 2.1)."""
    held = Q(token_checksum=subjects.kept(token), application=system)
    for rows in (AccessTokenRow.objects.filter(held), RefreshTokenRow.objects.filter(held)):
        end([one for one in rows.values_list("sign_in", flat=True) if one], now)
    AccessTokenRow.objects.filter(held).delete()


def end(sign_ins: Sequence[UUID], now: datetime) -> None:
    """End sign-ins: their access tokens are gone at once, nothing is refreshed any more."""
    if not sign_ins:
        return
    AccessTokenRow.objects.filter(sign_in__in=sign_ins).delete()
    SignInRow.objects.filter(id__in=sign_ins, ended=None).update(ended=now)


def open_in_session(session: UUID) -> list[UUID]:
    """The sign-ins that came from a browser's session and stand."""
    return list(SignInRow.objects.filter(session=session, ended=None).values_list("id", flat=True))


def open_of(account: AccountId, system_id: str) -> list[UUID]:
    """The sign-ins of an account at a system that stand."""
    held = SignInRow.objects.filter(account_id=account, system__client_id=system_id, ended=None)
    return list(held.values_list("id", flat=True))


def forget(now: datetime) -> int:
    """Delete what has ended: access tokens, and sign-ins with their codes and refresh tokens. How many rows."""
    gone: int = AccessTokenRow.objects.filter(expires__lte=now).delete()[0]
    return gone + SignInRow.objects.filter(until__lte=now).delete()[0]
