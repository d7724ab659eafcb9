"""The door to what the gateway keeps: partner systems and their keys, and answers under an Idempotency-Key."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django.conf import settings

from madang.commons.audit import facade as audit
from madang.commons.db.transactions import transaction
from madang.commons.gateway import rules, store, trying
from madang.commons.gateway.contracts import (
    KEPT_FOR,
    USE_KEPT_FOR,
    Arrangement,
    Ask,
    Asked,
    AskUnknown,
    FreshKey,
    Kept,
    Key,
    KeyReused,
    LogPosition,
    NewPartner,
    Partner,
    PartnerUnknown,
    Permission,
    Request,
    State,
    TooManyKeys,
    TooManyPartners,
    Tried,
    Use,
)
from madang.commons.gateway.policy import rulebook
from madang.commons.gateway.policy.rulebook import Rulebook
from madang.kernel.actors import Actor
from madang.kernel.clock import in_seoul
from madang.kernel.ids import new_id

_PATIENCE: Final = 10
"""Seconds to wait for the same request under way; less than the front's own time-out of 15."""


class _NothingToKeep(Exception):
    """What was done is given up, and the key with it."""


def once(asked: Asked, now: datetime, act: Callable[[], Kept | None]) -> Kept | None:
    """Act and keep the answer, unless that was done before: then the kept answer, without acting.

    Key, act and answer are one transaction; when ``act`` gives None all of it is given up and the key is free.
    Whoever acts under the same key is waited for. Raises KeyReused for another request, KeyBusy after 10 s.
    """
    try:
        with transaction():
            if not store.claim(asked, now, _PATIENCE):
                return _same(asked)
            store.keep(asked, _worth_keeping(act()))
    except _NothingToKeep:
        pass
    return None


def forget_old(now: datetime) -> int:
    """Delete answers that are kept no longer; how many."""
    with transaction():
        return store.forget(now - KEPT_FOR)


def forget_account(account: UUID) -> int:
    """Delete every answer kept for an account; how many."""
    with transaction():
        return store.forget_account(account)


def current_rules() -> Rulebook:
    """Plans, scopes and bounds as the running city was given them."""
    return rulebook.read(Path(settings.MADANG_INSTANCE) / "gateway")


def register_partner(actor: Actor, new: NewPartner, now: datetime) -> Partner:
    """Register a partner system; a developer's own is theirs, with a plan and scopes that anybody may have.

    Raises NotPermitted, NameMissing, PlanUnknown, ScopeUnknown, AddressMalformed, TooManyPartners.
    """
    theirs = _only_their_own(actor)
    book = current_rules()
    name = rules.require_name("name", new.name)
    organisation = rules.require_name("organisation", new.organisation)
    rules.require_plan(new.plan, book.plans, by_themselves=theirs)
    partner = Partner(
        id=new_id(), name=name, organisation=organisation,
        department=actor.department if theirs else new.department,
        plan=new.plan, scopes=() if theirs else tuple(rules.require_scopes(new.scopes, book.scopes)),
        addresses=tuple(rules.networks(new.addresses)), state=State.ACTIVE, since=now,
        owner=actor.account if theirs else new.owner,
    )
    with transaction():
        if theirs and len(_active(store.partners(actor.account))) >= rules.MOST_PARTNERS:
            raise TooManyPartners(most=rules.MOST_PARTNERS)
        store.add_partner(partner)
        audit.record(actor, "gateway.register_partner", purpose="let a system ask the API", about=partner.id)
    return partner


def make_key(actor: Actor, partner: UUID, now: datetime, expires: datetime | None = None) -> FreshKey:
    """A new key beside those that the partner has. Its text is in this answer and nowhere else.

    Raises NotPermitted, PartnerUnknown, TooManyKeys.
    """
    text = rules.key_text(secrets.token_bytes(rules.KEY_BYTES))
    with transaction():
        held = _theirs(actor, store.lock_partner(partner))
        if sum(key.is_good(now) for key in store.keys_of(held.id)) >= rules.MOST_KEYS:
            raise TooManyKeys(most=rules.MOST_KEYS)
        fresh = FreshKey(Key(new_id(), held.id, rules.prefix(text), now, expires), text)
        store.add_key(fresh, rules.digest(text))
        audit.record(actor, "gateway.make_key", purpose="let a system ask the API", about=held.id)
    return fresh


def revoke_key(actor: Actor, partner: UUID, key: UUID, now: datetime) -> None:
    """End a key at once; one that ended already stays so. Raises NotPermitted, PartnerUnknown."""
    with transaction():
        held = _theirs(actor, store.lock_partner(partner))
        if store.revoke_key(held.id, key, now):
            audit.record(actor, "gateway.revoke_key", purpose="end a key", about=held.id)


def change_partner(
    actor: Actor, partner: UUID, *, plan: str | None = None, addresses: Sequence[str] | None = None,
    state: State | None = None,
) -> Partner:
    """Change what the owner may change; what is None stays.

    Raises NotPermitted, PartnerUnknown, PlanUnknown, AddressMalformed.
    """
    with transaction():
        held = _theirs(actor, store.lock_partner(partner))
        if plan is not None and plan != held.plan:
            rules.require_plan(plan, current_rules().plans, by_themselves=not _manages(actor))
            held = replace(held, plan=plan)
        if addresses is not None:
            held = replace(held, addresses=tuple(rules.networks(addresses)))
        held = replace(held, state=state or held.state)
        store.change_partner(held)
        audit.record(actor, "gateway.change_partner", purpose="change what a system may", about=held.id)
    return held


def grant_scopes(actor: Actor, partner: UUID, scopes: Sequence[str]) -> Partner:
    """Give a partner exactly these scopes. Raises NotPermitted, PartnerUnknown, ScopeUnknown."""
    actor.require(Permission.MANAGE_PARTNERS)
    wanted = rules.require_scopes(scopes, current_rules().scopes)
    return _managed(actor, partner, lambda held: replace(held, scopes=tuple(wanted)))


def set_sunset(actor: Actor, partner: UUID, sunset: datetime | None) -> Partner:
    """Say when a partner is let in no longer. Raises NotPermitted, PartnerUnknown."""
    return _managed(actor, partner, lambda held: replace(held, sunset=sunset))


def link_oauth_client(actor: Actor, partner: UUID, client: str) -> Partner:
    """Let a partner come with tokens of that client of the city's. Raises NotPermitted, PartnerUnknown."""
    return _managed(actor, partner, lambda held: replace(held, oauth_client=client))


def ask_for(actor: Actor, ask: Ask) -> Ask:
    """Ask the city for another plan or for scopes, for a system of one's own.

    Raises NotPermitted, PartnerUnknown, PlanUnknown, ScopeUnknown, ReasonMissing.
    """
    book = current_rules()
    rules.require_plan(ask.plan, book.plans, by_themselves=False)
    asked = replace(
        ask, scopes=tuple(rules.require_scopes(ask.scopes, book.scopes)), why=rules.require_reason(ask.why), declined=""
    )
    with transaction():
        held = _theirs(actor, store.lock_partner(ask.partner))
        store.set_ask(asked)
        audit.record(actor, "gateway.ask_for", purpose="ask for what a system may", about=held.id)
    return asked


def ask_of(actor: Actor, partner: UUID) -> Ask | None:
    """What is asked for a system, or was declined. Raises NotPermitted, PartnerUnknown."""
    return store.ask_of(_theirs(actor, store.partner(partner), Permission.SEE_PARTNERS).id)


def asks(actor: Actor) -> list[Ask]:
    """What waits for an officer's answer, the oldest first. Raises NotPermitted."""
    actor.require(Permission.SEE_PARTNERS)
    return store.asks()


def arrange(actor: Actor, partner: UUID, given: Arrangement) -> Partner:
    """Give a partner a plan, exactly these scopes, and an end; what was asked for is answered by that.

    Raises NotPermitted, PartnerUnknown, PlanUnknown, ScopeUnknown.
    """
    actor.require(Permission.MANAGE_PARTNERS)
    book = current_rules()
    rules.require_plan(given.plan, book.plans, by_themselves=False)
    scopes = tuple(rules.require_scopes(given.scopes, book.scopes))
    with transaction():
        changed = replace(store.lock_partner(partner), plan=given.plan, scopes=scopes, sunset=given.sunset)
        store.change_partner(changed)
        store.end_ask(partner)
        audit.record(actor, "gateway.change_partner", purpose="change what a system may", about=partner)
    return changed


def decline(actor: Actor, partner: UUID, why: str) -> None:
    """Say no to what is asked for, with a reason that the developer reads.

    Raises NotPermitted, PartnerUnknown, AskUnknown, ReasonMissing.
    """
    actor.require(Permission.MANAGE_PARTNERS)
    reason = rules.require_reason(why)
    with transaction():
        held = store.lock_partner(partner)
        ask = store.ask_of(held.id)
        if ask is None or ask.declined:
            raise AskUnknown
        store.set_ask(replace(ask, declined=reason))
        audit.record(actor, "gateway.decline", purpose="answer what was asked for a system", about=held.id)


def end_key(actor: Actor, partner: UUID, key: UUID, ends: datetime) -> None:
    """Say when a key ends, so that another can replace it before. Raises NotPermitted, PartnerUnknown."""
    with transaction():
        held = _theirs(actor, store.lock_partner(partner))
        if store.set_key_end(held.id, key, ends):
            audit.record(actor, "gateway.end_key", purpose="end a key", about=held.id)


def day_ahead(text: str, now: datetime) -> datetime | None:
    """The beginning of a day after today, as a form gives it; None from nothing. Raises EndNotAhead."""
    return rules.end_of(text, now)


def partner(actor: Actor, id_: UUID) -> Partner:
    """A partner that the actor may see. Raises NotPermitted, PartnerUnknown."""
    return _theirs(actor, store.partner(id_), Permission.SEE_PARTNERS)


def partners(actor: Actor) -> list[Partner]:
    """The partners that the actor may see: their own, or all of the city's. Raises NotPermitted."""
    if actor.may(Permission.SEE_PARTNERS):
        return store.partners()
    actor.require(Permission.DEVELOP)
    return store.partners(actor.account) if actor.account else []


def keys_of(actor: Actor, partner: UUID) -> list[Key]:
    """A partner's keys, newest first. Raises NotPermitted, PartnerUnknown."""
    return store.keys_of(_theirs(actor, store.partner(partner), Permission.SEE_PARTNERS).id)


def use_of(actor: Actor, partner: UUID, now: datetime, days: int = 30) -> tuple[int, list[Use]]:
    """What is used of today's quota, and what was asked by day, newest first, seconds behind.

    The first counts what is taken ahead for this second too.

    Raises NotPermitted, PartnerUnknown.
    """
    seen = _theirs(actor, store.partner(partner), Permission.SEE_PARTNERS)
    today = in_seoul(now).date()
    return store.used_today(seen.id, today), store.use_of(seen.id, today - timedelta(days=days - 1))


def try_out(actor: Actor, partner: UUID, key: str, path: str, language: str) -> Tried:
    """GET an address of the API with a key, through the gateway, and what came back.

    Raises NotPermitted, PartnerUnknown, KeyFormWrong, PathNotOfTheApi, Unavailable.
    """
    _theirs(actor, store.partner(partner), Permission.SEE_PARTNERS)
    rules.require_try(key, path)
    return trying.ask(Path(settings.MADANG_INSTANCE) / "gateway", key, path, language)


def traffic_by_client_since(moment: datetime) -> Mapping[str, int]:
    """Requests by partner id since the day in Seoul that ``moment`` lies in; for the register of the city's systems."""
    return store.traffic_since(in_seoul(moment).date())


def request_of(line: Mapping[str, Any]) -> Request:
    """A line of the front's log as the bus learns of it. Raises KeyError, TypeError or ValueError."""
    return rules.request_of(line)


def log_position(log: str) -> LogPosition:
    """How far a log was read."""
    return store.log_position(log)


def count_use(requests: Sequence[Request], after: LogPosition) -> None:
    """Count requests that were read up to ``after``; both are kept, or neither."""
    with transaction():
        store.add_use(rules.use_by_day(requests))
        store.set_log_position(after)


def forget_old_use(now: datetime) -> int:
    """Delete what was counted, or asked for systems, longer ago than it is kept; how many rows."""
    with transaction():
        return store.forget_asks(now - USE_KEPT_FOR) + store.forget_use((in_seoul(now) - USE_KEPT_FOR).date())


def _managed(actor: Actor, partner: UUID, change: Callable[[Partner], Partner]) -> Partner:
    actor.require(Permission.MANAGE_PARTNERS)
    with transaction():
        changed = change(store.lock_partner(partner))
        store.change_partner(changed)
        audit.record(actor, "gateway.change_partner", purpose="change what a system may", about=changed.id)
    return changed


def _manages(actor: Actor) -> bool:
    return actor.may(Permission.MANAGE_PARTNERS)


def _only_their_own(actor: Actor) -> bool:
    """Whether the actor may register for themselves only. Raises NotPermitted, SignInNeeded."""
    if _manages(actor):
        return False
    actor.require(Permission.DEVELOP)
    return True


def _theirs(actor: Actor, held: Partner, or_with: Permission = Permission.MANAGE_PARTNERS) -> Partner:
    if actor.may(or_with) or _manages(actor):
        return held
    actor.require(Permission.DEVELOP)
    if held.owner is None or held.owner != actor.account:
        raise PartnerUnknown
    return held


def _active(partners: Sequence[Partner]) -> list[Partner]:
    return [one for one in partners if one.state is State.ACTIVE]


def _worth_keeping(answer: Kept | None) -> Kept:
    if answer is None:
        raise _NothingToKeep
    return answer


def _same(asked: Asked) -> Kept:
    answer, digest = store.kept(asked)
    if digest != asked.digest:
        raise KeyReused
    return answer
