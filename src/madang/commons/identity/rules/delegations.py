"""Who may act for whom: what the profile allows, and what an actor is while acting."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from madang.commons.identity.contracts import Policy, PolicyWrong
from madang.commons.identity.contracts.delegations import (
    Consent,
    Delegation,
    DelegationNotAllowed,
    DelegationPolicy,
    Kind,
    KindRules,
    Minor,
    Scope,
    TimeNotAllowed,
)
from madang.kernel.actors import Acting, Actor, ActorKind
from madang.kernel.clock import SEOUL
from madang.kernel.languages import Language, Text, to_translate

RESIDENT_ROLE = "resident"
"""Nobody may do more for another than the other could do themselves: what this role allows."""

CAPACITIES: Mapping[Kind, str] = {
    Kind.PARENT: to_translate("A parent, for this person"),
    Kind.GUARDIAN: to_translate("A guardian, for this person"),
    Kind.FAMILY: to_translate("A family member, for this person"),
    Kind.COMPANY: to_translate("A company's representative, for this person"),
    Kind.NAVIGATOR: to_translate("A navigator at a centre, for this person"),
}
"""How records name who acts: by capacity, never by name; the account is recorded beside it."""


def acting(actor: Actor, under: Delegation, allowed: DelegationPolicy, policy: Policy) -> Actor:
    """The actor while acting: the other's business, within the scope; known as surely as they themselves are.

    Never more than a resident may, whatever the scopes say. The department is dropped: no officer's door opens.
    """
    resident = policy.roles[RESIDENT_ROLE].permissions if RESIDENT_ROLE in policy.roles else frozenset()
    scopes = [allowed.scopes[name].permissions for name in under.scopes if name in allowed.scopes]
    scoped = frozenset[str]().union(*scopes)
    return replace(
        actor, kind=ActorKind.RESIDENT, name=CAPACITIES[under.kind], subject=under.represented, department="",
        permissions=scoped & (resident | OWN_AFFAIRS),
        acting=Acting(
            under.id, under.kind, under.delegate_resident, under.represented_name, under.until,
            frozenset(under.services),
        ),
    )


OWN_AFFAIRS = frozenset({"notify.see_own"})
"""What a resident may without a permission, and somebody who acts for them only within a scope."""


def age(born: date, now: datetime) -> int:
    """Whole years."""
    today = now.astimezone(SEOUL).date()
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def comes_of_age(born: date, of_age: int) -> datetime:
    """The moment when a child comes of age: the beginning of that birthday in Seoul (민법, article 4, 2013)."""
    leap = born.month == 2 and born.day == 29  # noqa: PLR2004 -- 29 February
    day = date(born.year + of_age, 3, 1) if leap else born.replace(year=born.year + of_age)
    return datetime.combine(day, time(), SEOUL)


def parent_until(minor: Minor, allowed: DelegationPolicy, now: datetime) -> datetime:
    """How long a parent may act: until the child is of age, at most as long as the profile says."""
    return min(comes_of_age(minor.born, allowed.of_age), now + allowed.kinds[Kind.PARENT].longest)


def parent_consent(minor: Minor, allowed: DelegationPolicy, now: datetime) -> Consent:
    """By law for a small child; one who consents themselves must still be asked."""
    return Consent.BY_LAW if age(minor.born, now) < allowed.own_consent_from_age else Consent.NONE


def refuse_beyond(kind: KindRules, scopes: Collection[str], consent: Consent) -> None:
    """Raise DelegationNotAllowed for scopes or a consent that the kind does not have, and for no scope at all."""
    if not scopes or not set(scopes) <= set(kind.scopes):
        raise DelegationNotAllowed(field="scopes")
    if consent and consent not in kind.consent:
        raise DelegationNotAllowed(field="kind")


def until_from(kind: KindRules, last_day: date, now: datetime) -> datetime:
    """The end of a delegation whose last day somebody chose. Raises TimeNotAllowed."""
    until = datetime.combine(last_day + timedelta(days=1), time(), SEOUL)
    if not now.astimezone(SEOUL).date() < last_day or until > now + kind.longest + timedelta(days=1):
        raise TimeNotAllowed(longest_days=kind.longest // timedelta(days=1))
    return until


def services_of(kind: KindRules, asked: Sequence[str]) -> tuple[str, ...]:
    """The services that it is limited to: the kind's own limits are never widened."""
    return tuple(asked) if asked and not kind.services else tuple(kind.services)


def policy_from(told: Any) -> DelegationPolicy:
    """The policy of a parsed ``delegations.yaml``. Raises PolicyWrong with the place of the first mistake."""
    try:
        scopes = {str(name): _scope(said) for name, said in told["scopes"].items()}
        made = DelegationPolicy(
            kinds={Kind(name): _kind(said) for name, said in told["kinds"].items()},
            scopes=scopes,
            own_consent_from_age=int(told["own_consent_from_age"]),
            of_age=int(told["of_age"]),
            offer_lasts=timedelta(days=int(told["offer_days"])),
            keep=timedelta(days=int(told["keep_days"])),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as wrong:
        message = f"it lacks or misspells {wrong}"
        raise PolicyWrong(message) from wrong
    _refuse_gaps(made)
    return made


def _refuse_gaps(made: DelegationPolicy) -> None:
    if missing := set(Kind) - set(made.kinds):
        message = f"kinds lacks {', '.join(sorted(missing))}"
        raise PolicyWrong(message)
    for name, kind in made.kinds.items():
        if unknown := set(kind.scopes) - set(made.scopes):
            message = f"kinds.{name}.scopes has {', '.join(sorted(unknown))}, which scopes does not"
            raise PolicyWrong(message)


def _scope(told: Any) -> Scope:
    return Scope(_text(told["name"]), frozenset(str(one) for one in told["permissions"]))


def _kind(told: Any) -> KindRules:
    law = told["law"]
    return KindRules(
        name=_text(told["name"]), longest=timedelta(minutes=int(told["longest_minutes"])),
        scopes=tuple(told["scopes"]), consent=frozenset(Consent(one) for one in told["consent"]),
        services=tuple(told.get("services", ())), law=f"{law['name']} 제{law['article']}조 ({law['year']})",
    )


def _text(told: Any) -> Text:
    return Text({Language(code): str(said) for code, said in told.items()})
