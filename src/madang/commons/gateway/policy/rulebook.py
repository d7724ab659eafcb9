"""The rules that come from the manifests and the profile, as the front and the policy process read them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import msgspec
import yaml

from madang.commons.gateway.contracts import Plan, Visitors
from madang.kernel.languages import Language, Text
from madang.kernel.manifest import Limit, Room, Scope, Sunset

_FILE: Final = "rulebook.json"


class PlansWrong(ValueError):
    """The profile's ``plans.yaml`` cannot be used; the message names the line of thought that fails."""


@dataclass(frozen=True, slots=True)
class Rulebook:
    """What holds for every request, whoever asks."""

    plans: Mapping[str, Plan] = field(default_factory=dict)
    visitors: Visitors | None = None
    """None for a front that bounds nobody by source."""
    scopes: tuple[Scope, ...] = ()
    limits: tuple[Limit, ...] = ()
    sunsets: tuple[Sunset, ...] = ()
    back_office: tuple[str, ...] = ()


def of_city(rooms: Iterable[Room], profile: Path) -> Rulebook:
    """The rules of all rooms and of the profile's ``plans.yaml``. Raises PlansWrong."""
    manifests = list(rooms)
    plans, visitors = _plans(profile / "plans.yaml")
    return Rulebook(
        plans=plans, visitors=visitors,
        scopes=tuple(one for room in manifests for one in room.scopes),
        limits=tuple(one for room in manifests for one in room.limits),
        sunsets=tuple(one for room in manifests for one in room.sunsets),
        back_office=tuple(one for room in manifests for one in room.back_office),
    )


def write(folder: Path, book: Rulebook) -> None:
    """Put the rules where the front's maker and the policy process read them; replaced in one step."""
    folder.mkdir(parents=True, exist_ok=True)
    new = folder / f".{_FILE}.new"
    new.write_bytes(msgspec.json.format(msgspec.json.encode(book), indent=1))
    new.replace(folder / _FILE)


def read(folder: Path) -> Rulebook:
    """The rules as they were written last."""
    return msgspec.json.decode((folder / _FILE).read_bytes(), type=Rulebook)


def version(folder: Path) -> int:
    """A number that changes when the rules were written anew."""
    return (folder / _FILE).stat().st_mtime_ns


def _plans(file: Path) -> tuple[Mapping[str, Plan], Visitors]:
    told: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    try:
        plans = {name: _plan(name, said) for name, said in told["plans"].items()}
        return plans, msgspec.convert(told["visitors"], Visitors)
    except (KeyError, TypeError, ValueError, msgspec.ValidationError) as wrong:
        message = f"{file} cannot be used: {wrong!r}"
        raise PlansWrong(message) from wrong


def _plan(name: str, said: Mapping[str, Any]) -> Plan:
    title = Text({Language(code): text for code, text in said["name"].items()})
    plan = Plan(name, title, int(said["per_second"]), int(said["per_day"]), bool(said["self_service"]))
    if plan.per_second < 1 or plan.per_day < 1:
        message = f"the plan {name} lets nothing pass: per_second and per_day are at least 1"
        raise ValueError(message)
    return plan
