"""The providers, issuers and wallets of the profile."""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import yaml
from django.conf import settings

from madang.commons.identity.foreign import rules
from madang.commons.identity.foreign.contracts import (
    Issuer,
    Provider,
    ProvidersWrong,
    ProviderUnknown,
    Wallet,
)

Told = TypeVar("Told")


@cache
def _providers(folder: Path, public_url: str, *, with_demonstration: bool) -> Mapping[str, Provider]:
    def read(told: Any) -> Mapping[str, Provider]:
        return rules.providers_from(told, public_url, with_demonstration=with_demonstration)

    return _read(folder / "identity_providers.yaml", read)


@cache
def _issuers(folder: Path, public_url: str) -> Mapping[str, Issuer]:
    return _read(folder / "credential_issuers.yaml", lambda told: rules.issuers_from(told, public_url))


@cache
def _wallets(folder: Path, public_url: str, *, with_demonstration: bool) -> Mapping[str, Wallet]:
    def read(told: Any) -> Mapping[str, Wallet]:
        return rules.wallets_from(told, public_url, with_demonstration=with_demonstration)

    return _read(folder / "wallets.yaml", read)


def _read(file: Path, read: Callable[[Any], Told]) -> Told:
    try:
        return read(yaml.safe_load(file.read_text(encoding="utf-8")) if file.exists() else {})
    except (ProvidersWrong, yaml.YAMLError, OSError) as wrong:
        message = f"{file}: {wrong}"
        raise ProvidersWrong(message) from wrong


def providers() -> Mapping[str, Provider]:
    """By name, in the profile's order; the stand-in only where a demonstration runs. Raises ProvidersWrong."""
    return _providers(
        Path(settings.MADANG_PROFILE), settings.MADANG_PUBLIC_URL, with_demonstration=bool(settings.MADANG_OUTSIDE_URL)
    )


def issuers() -> Mapping[str, Issuer]:
    """Whose credentials are taken, by name, in the profile's order. Raises ProvidersWrong."""
    return _issuers(Path(settings.MADANG_PROFILE), settings.MADANG_PUBLIC_URL)


def wallets() -> Mapping[str, Wallet]:
    """The wallets that pages may call; the stand-in only where a demonstration runs. Raises ProvidersWrong."""
    return _wallets(
        Path(settings.MADANG_PROFILE), settings.MADANG_PUBLIC_URL, with_demonstration=bool(settings.MADANG_OUTSIDE_URL)
    )


def provider(name: str) -> Provider:
    """One of them. Raises ProviderUnknown."""
    if name not in providers():
        raise ProviderUnknown
    return providers()[name]
