"""The city's registers and the shares of its synthetic population, read from the profile once."""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import yaml
from django.conf import settings

from madang.records.registers.contracts import Register, RegisterInfo
from madang.records.registers.rules import profile
from madang.records.registers.rules.shares import Shares, shares_of

_Understood = TypeVar("_Understood")


@cache
def registers() -> Mapping[Register, RegisterInfo]:
    """Every register. Raises ValueError that names the file, the place in it and what is wrong."""
    return _read("registers.yaml", profile.registers)


@cache
def shares() -> Shares:
    """What the synthetic population is drawn from. Raises ValueError as above."""
    return _read("population.yaml", shares_of)


def _read(name: str, understand: Callable[[Any], _Understood]) -> _Understood:
    file: Path = settings.MADANG_PROFILE / name
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return understand(yaml.load(file.read_text(encoding="utf-8"), Loader=loader))  # noqa: S506 -- a safe loader
    except (ValueError, yaml.YAMLError) as wrong:
        message = f"{file}: {wrong}"
        raise ValueError(message) from wrong
