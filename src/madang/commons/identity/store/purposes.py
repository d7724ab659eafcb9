"""The profile's purposes."""

from functools import cache
from pathlib import Path

import yaml
from django.conf import settings

from madang.commons.identity.contracts import PolicyWrong
from madang.commons.identity.contracts.purposes import PurposePolicy
from madang.commons.identity.rules import purposes as rules


@cache
def policy() -> PurposePolicy:
    """The profile's ``purposes.yaml``, read once a process. Raises PolicyWrong with the file's name."""
    file = Path(settings.MADANG_PROFILE) / "purposes.yaml"
    try:
        return rules.policy_from(yaml.safe_load(file.read_text(encoding="utf-8")))
    except (PolicyWrong, yaml.YAMLError, OSError) as wrong:
        message = f"{file}: {wrong}"
        raise PolicyWrong(message) from wrong
