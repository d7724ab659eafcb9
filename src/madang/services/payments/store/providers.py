"""The providers that the city works with, by name. A new one is a class and a line here."""

from collections.abc import Callable, Mapping
from typing import Final

from madang.services.payments.contracts import PaymentProvider, ProviderUnknown
from madang.services.payments.store.sandbox import Sandbox

PROVIDERS: Final[Mapping[str, Callable[[], PaymentProvider]]] = {Sandbox.name: Sandbox}


def provider(name: str) -> PaymentProvider:
    """The provider called ``name``. Raises ProviderUnknown."""
    made = PROVIDERS.get(name)
    if made is None:
        raise ProviderUnknown(provider=name[:60])
    return made()
