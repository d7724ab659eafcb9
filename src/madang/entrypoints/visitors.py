"""Synthetic people with accounts and tokens, for programs of ours that knock on a running city's doors from outside."""

import os
import secrets

from madang.entrypoints.launch import Launched
from madang.kernel import clock
from madang.kernel.actors import Actor
from madang.kernel.ids import ResidentId


def enter(city: Launched) -> None:
    """Set Django up in this process on the running city's database. Once a process: a second city is not entered."""
    os.environ["MADANG_INSTANCE"] = str(city.instance)
    os.environ["DJANGO_SETTINGS_MODULE"] = "madang.entrypoints.django_settings"
    import django

    django.setup()


def token_for(email: str, role: str, resident: ResidentId | None = None) -> str:
    """A token of a new account in the city that was entered; without a resident the account is an officer's.

    Raises EmailTaken when there is such an account, RoleUnknown for a role that the city does not have.
    """
    from madang.commons.identity import facade as identity
    from madang.commons.identity.contracts import NewAccount, Permission

    maker = Actor.system("visitors", {Permission.MAKE_ACCOUNTS})
    post = "" if resident else "walking officer"
    new = NewAccount(email, secrets.token_urlsafe(24), role, resident=resident, post=post)
    account = identity.make_account(maker, new, clock.now())
    return identity.open_token_for(account.id, clock.now(), second_factor=True)
