"""The door to provisioning: what a directory's client may see and change, which is what it made itself."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from madang.commons.db.transactions import transaction
from madang.commons.identity import facade as identity
from madang.commons.identity.contracts import EmailTaken, Permission
from madang.commons.identity.contracts.staff import Member
from madang.commons.identity.facade import staff
from madang.commons.identity.provider.contracts import Client
from madang.commons.identity.provisioning import store
from madang.commons.identity.provisioning.contracts import KEPT, SCOPE, Provisioned, ScimRefused, Wanted
from madang.commons.identity.provisioning.rules import documents, patches
from madang.commons.identity.provisioning.rules.schemas import provider, resource_types, schemas
from madang.kernel.actors import Actor, ActorKind
from madang.kernel.assurance import Assurance
from madang.kernel.ids import AccountId

__all__ = [
    "change_group", "change_user", "create", "groups", "provider", "remove", "resource_types", "schemas", "signed_in",
    "users",
]

listed, shown, error = documents.listed, documents.shown, documents.error


def signed_in(header: str, now: datetime) -> Client:
    """The client whose own token the header carries, with the scope for this. Raises ScimRefused (401, 403)."""
    scheme, _, token = header.partition(" ")
    client = identity.client_of_token(token.strip(), now) if scheme.lower() == "bearer" else None
    if client is None:
        raise ScimRefused(401, "Send the access token of a client credential: it is missing, unknown or has ended.")
    if SCOPE not in client.scopes:
        raise ScimRefused(403, f"This token does not have the scope {SCOPE}.")
    return client


def users(client: Client, base: str, only: str = "") -> Sequence[documents.Document]:
    """Everybody whom the client provisioned, or the one with an id. Raises ScimRefused (404)."""
    if not only:
        return [documents.user(one, base) for one in store.of_client(client.id)]
    found = store.find(client.id, _id(only))
    if found is None:
        raise _no_user(only)
    return [documents.user(found, base)]


def create(client: Client, document: object, base: str, now: datetime) -> documents.Document:
    """A joiner: an account that its holder sets a password for by the link of a forgotten one.

    Raises ScimRefused, 409 for an address that signs in already, whoever's it is.
    """
    wanted = documents.wanted(document)
    with transaction():
        if store.of_client(client.id, wanted.email):
            raise _taken()
        account = _appoint(client, wanted, (), now)
        store.keep(client.id, account, wanted, (), now)
        if not wanted.active:
            staff.leave(_actor(client), wanted.email, now)
    return users(client, base, str(account))[0]


def change_user(
    client: Client, user: str, asked: object, base: str, now: datetime, *, whole: bool = False
) -> documents.Document:
    """A mover, or a leaver when ``active`` becomes false: then sessions, tokens, factors and roles end at once.

    ``asked`` is a PatchOp, or the ``whole`` document. Raises ScimRefused.
    """
    with transaction():
        held = store.lock(client.id, _id(user))
        if held is None:
            raise _no_user(user)
        before = documents.user(held, base)
        after = asked if whole else patches.patched(before, asked, documents.FIXED_OF_USER)
        _settle(client, held, documents.wanted(after), held.posts, now)
    return users(client, base, user)[0]


def remove(client: Client, user: str, now: datetime) -> None:
    """A leaver for good: everything ends at once, and the client sees the account no more. Raises ScimRefused."""
    with transaction():
        held = store.lock(client.id, _id(user))
        if held is None:
            raise _no_user(user)
        staff.leave(_actor(client), held.wanted.email, now)
        store.forget(held.id)


def forget_old(now: datetime) -> int:
    """Delete what directories said of accounts that have been closed for longer than it is kept; how many."""
    with transaction():
        return store.forget_closed(now - KEPT)


def groups(client: Client, base: str, only: str = "") -> Sequence[documents.Document]:
    """The profile's posts that a directory may give, with who holds them. Raises ScimRefused (404)."""
    people = store.of_client(client.id)
    found = [
        documents.group(post, [one for one in people if post in one.posts], base)
        for post in staff.posts_of_directories() if only in {"", post}
    ]
    if only and not found:
        raise ScimRefused(404, f"There is no post {only!r} that a directory may give.")
    return found


def change_group(
    client: Client, post: str, asked: object, base: str, now: datetime, *, whole: bool = False
) -> documents.Document:
    """Give a post to some and take it from others: roles change at once. Raises ScimRefused."""
    with transaction():
        [before] = groups(client, base, post)
        after = asked if whole else patches.patched(before, asked, documents.FIXED_OF_GROUP)
        if not isinstance(after, dict):
            raise ScimRefused(400, "A group is a JSON object.", "invalidSyntax")
        then = set(documents.members(after))
        _move(client, post, then - set(documents.members(before)), now, gains=True)
        _move(client, post, set(documents.members(before)) - then, now, gains=False)
    return groups(client, base, post)[0]


def _move(client: Client, post: str, accounts: Collection[UUID], now: datetime, *, gains: bool) -> None:
    for account in sorted(accounts):
        held = store.lock(client.id, AccountId(account))
        if held is None:
            raise ScimRefused(400, f"There is no user {account} of yours.", "invalidValue")
        posts = {*held.posts, post} if gains else set(held.posts) - {post}
        _settle(client, held, held.wanted, sorted(posts), now)


def _settle(client: Client, held: Provisioned, wanted: Wanted, posts: Sequence[str], now: datetime) -> None:
    if wanted.email != held.wanted.email:
        _rename(held, wanted)
    if wanted.active:
        _appoint(client, wanted, posts, now)
    elif held.wanted.active:
        staff.leave(_actor(client), wanted.email, now)
    changed = replace(held.wanted, external_id=wanted.external_id) if not wanted.active else wanted
    store.keep(client.id, held.id, changed, posts, now)


def _rename(held: Provisioned, wanted: Wanted) -> None:
    try:
        staff.rename(held.id, wanted.email)
    except EmailTaken:
        raise _taken() from None


def _appoint(client: Client, wanted: Wanted, posts: Sequence[str], now: datetime) -> AccountId:
    member = Member(wanted.email, wanted.department, "", wanted.title)
    try:
        account = staff.appoint(_actor(client), member, posts, _source(client), now)
    except EmailTaken:
        raise _taken() from None
    identity.set_language(account, wanted.language)
    return account


def _actor(client: Client) -> Actor:
    may = frozenset({Permission.MAKE_ACCOUNTS, Permission.GRANT_ROLES})
    return Actor(
        ActorKind.PARTNER, client.id, permissions=may, assurance=Assurance.HIGH, department=client.department
    )


def _source(client: Client) -> str:
    return f"scim {client.id}"


def _id(text: str) -> AccountId:
    try:
        return AccountId(UUID(text))
    except ValueError:
        raise _no_user(text) from None


def _no_user(text: str) -> ScimRefused:
    return ScimRefused(404, f"There is no user {text!r} of yours.")


def _taken() -> ScimRefused:
    return ScimRefused(409, "Somebody signs in with this userName already.", "uniqueness")
