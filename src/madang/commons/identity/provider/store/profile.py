"""The provider's policy, from the profile."""

from functools import cache
from pathlib import Path

import yaml
from django.conf import settings

from madang.commons.identity.provider.contracts import ProviderPolicy, ProviderPolicyWrong
from madang.commons.identity.provider.rules import profile as rules


@cache
def policy() -> ProviderPolicy:
    """The profile's ``openid.yaml``, read once a process. Raises ProviderPolicyWrong with the file's name."""
    file = Path(settings.MADANG_PROFILE) / "openid.yaml"
    try:
        return rules.policy_from(yaml.safe_load(file.read_text(encoding="utf-8")))
    except (ProviderPolicyWrong, yaml.YAMLError, OSError) as wrong:
        message = f"{file}: {wrong}"
        raise ProviderPolicyWrong(message) from wrong
