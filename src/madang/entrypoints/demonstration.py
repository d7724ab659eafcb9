"""The people of a demonstration: synthetic residents in the registers, and accounts to sign in with."""

from collections.abc import Sequence

from madang.commons.identity import facade as identity
from madang.commons.identity.contracts import DemoSignIn
from madang.entrypoints.settings import Settings
from madang.entrypoints.sign_ins import SignIn
from madang.kernel import clock
from madang.records.registers.contracts import DemoResident
from madang.records.registers.facade import population


def prepare(settings: Settings) -> tuple[int, tuple[SignIn, ...]]:
    """Make the synthetic residents unless they are there, and the accounts; how many residents, and who signs in."""
    made = population.made() or population.make(settings.demo_residents)
    residents = population.demo_residents()
    languages = {one.id: one.language for one in residents if one.signs_in}
    accounts = identity.make_demo_people(languages, clock.now(), settings.demo_password)
    return made.residents, tuple(_sign_in(account, residents) for account in accounts)


def _sign_in(account: DemoSignIn, residents: Sequence[DemoResident]) -> SignIn:
    story = next((one.story for one in residents if one.id == account.resident), "")
    who = f"resident: {story}" if story else f"{account.role}, {account.department}"
    second = f"madang code {account.email}" if account.totp_secret else ""
    return SignIn(who, account.email, account.password, second)
