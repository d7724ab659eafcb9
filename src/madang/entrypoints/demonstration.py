"""The people of a demonstration: synthetic residents in the registers, what they owe, and accounts to sign in with."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from madang.commons.identity import facade as identity
from madang.commons.identity.contracts import DemoSignIn
from madang.entrypoints.settings import Settings
from madang.entrypoints.sign_ins import SignIn
from madang.kernel import clock
from madang.kernel.actors import Actor
from madang.kernel.ids import ResidentId
from madang.kernel.money import Won
from madang.records.registers.contracts import DemoResident
from madang.records.registers.facade import population
from madang.services.payments.contracts import Assessed, DebtKind
from madang.services.payments.contracts import Permission as OfPayments
from madang.services.payments.facade import assessments


def prepare(settings: Settings) -> tuple[int, tuple[SignIn, ...]]:
    """Make the synthetic residents unless they are there, and the accounts; how many residents, and who signs in."""
    made = population.made() or population.make(settings.demo_residents)
    residents = population.demo_residents()
    languages = {one.id: one.language for one in residents if one.signs_in}
    accounts = identity.make_demo_people(languages, clock.now(), settings.demo_password)
    raise_bills(settings.profile, {one.key: one.id for one in residents}, clock.now())
    return made.residents, tuple(_sign_in(account, residents) for account in accounts)


def raise_bills(profile: Path, residents: Mapping[str, ResidentId], now: datetime) -> int:
    """Raise the demonstration's bills, those that are new; how many."""
    told = yaml.safe_load((profile / "demo_bills.yaml").read_text(encoding="utf-8"))
    owed = [_assessed(one, residents[key], now) for key, bills in told.items() if key in residents for one in bills]
    return assessments.raise_bills(Actor.system("demonstration", {OfPayments.RAISE}), owed, now)


def _assessed(told: Mapping[str, Any], resident: ResidentId, now: datetime) -> Assessed:
    due = told.get("due") or now.date() + timedelta(days=told["in_days"])
    return Assessed(
        told["number"], DebtKind(told["kind"]), told["what"], resident, Won(told["amount"]), due, told["about"]
    )


def _sign_in(account: DemoSignIn, residents: Sequence[DemoResident]) -> SignIn:
    story = next((one.story for one in residents if one.id == account.resident), "")
    who = f"resident: {story}" if story else f"{account.role}, {account.department}"
    second = f"madang code {account.email}" if account.totp_secret else ""
    return SignIn(who, account.email, account.password, second)
