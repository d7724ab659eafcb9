"""The providers of the profile."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml
from django.conf import settings

from madang.commons.identity.foreign import rules
from madang.commons.identity.foreign.contracts import Provider, ProvidersWrong, ProviderUnknown


@cache
def _providers(folder: Path, public_url: str, *, with_demonstration: bool) -> Mapping[str, Provider]:
    file = folder / "identity_providers.yaml"
    try:
        told = yaml.safe_load(file.read_text(encoding="utf-8")) if file.exists() else {}
        return rules.providers_from(told, public_url, with_demonstration=with_demonstration)
    except (ProvidersWrong, yaml.YAMLError, OSError) as wrong:
        message = f"{file}: {wrong}"
        raise ProvidersWrong(message) from wrong


def providers() -> Mapping[str, Provider]:
    """By name, in the profile's order; the stand-in only where a demonstration runs. Raises ProvidersWrong."""
    return _providers(
        Path(settings.MADANG_PROFILE), settings.MADANG_PUBLIC_URL, with_demonstration=bool(settings.MADANG_OUTSIDE_URL)
    )


def provider(name: str) -> Provider:
    """One of them. Raises ProviderUnknown."""
    if name not in providers():
        raise ProviderUnknown
    return providers()[name]
