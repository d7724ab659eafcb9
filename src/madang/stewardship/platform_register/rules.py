"""Who stands on the common stack, what confirms it, and what is late. Time is given."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from madang.kernel.languages import Language, Text
from madang.stewardship.platform_register.contracts import (
    Action,
    City,
    Evidence,
    Overview,
    Part,
    Plan,
    Seen,
    Share,
    Standing,
    System,
    SystemsWrong,
)

_MONTHS = 12


def share(systems: Iterable[System]) -> float:
    """The share of systems that use every part they need; 0 for none."""
    found = list(systems)
    return sum(one.complies for one in found) / len(found) if found else 0.0


def is_late(system: System, today: date) -> bool:
    """Whether its plan's last month is over and it still does not comply."""
    return not system.complies and system.plan is not None and _month_after(system.plan.by) <= today


def seen(system: System, evidence: Evidence) -> Mapping[Part, Seen]:
    """What confirms each part that a system says it uses. That nothing was seen is no proof of the opposite."""
    found = {
        Part.GATEWAY: Seen.SEEN if evidence.requests else Seen.NONE_SEEN,
        Part.IDENTITY: Seen.SEEN if evidence.last_sign_in else Seen.NONE_SEEN,
    }
    return {part: found.get(part, Seen.NOT_OBSERVABLE) for part in Part if part in system.uses}


def standing(system: System, evidence: Evidence, today: date) -> Standing:
    """A system with what is seen of it."""
    return Standing(system, evidence, seen(system, evidence), is_late(system, today))


def is_confirmed(one: Standing) -> bool:
    """Whether a complying system has something observable, and all of it is seen."""
    observed = [what for what in one.seen.values() if what is not Seen.NOT_OBSERVABLE]
    return one.system.complies and bool(observed) and all(what is Seen.SEEN for what in observed)


def overview(
    city: City, standings: Sequence[Standing], snapshots: Sequence[tuple[date, float]], today: date
) -> Overview:
    """The city's systems in figures."""
    systems = [one.system for one in standings]
    outside = [one for one in systems if not one.complies]
    planned = [one.plan.action for one in outside if one.plan]
    return Overview(
        on=today, systems=len(systems), platforms=sum(one.is_platform for one in systems),
        complying=len(systems) - len(outside), share=share(systems), history=city.history, target=city.target,
        snapshots=snapshots,
        by_part={
            part: (sum(part in one.needs & one.uses for one in systems), sum(part in one.needs for one in systems))
            for part in Part
        },
        migrating=planned.count(Action.MIGRATE), retiring=planned.count(Action.RETIRE),
        late=sorted((one.system for one in standings if one.is_late), key=_planned_for),
        without_plan=[one for one in outside if one.plan is None],
        confirmed=sum(is_confirmed(one) for one in standings), is_estimate=city.is_estimate, source=city.source,
    )


def city_from(told: Any) -> City:
    """The list of a parsed ``systems.yaml``. Raises SystemsWrong with the place of the first mistake."""
    try:
        made = City(
            source=str(told["source"]), is_estimate=bool(told.get("estimate")),
            systems={str(key): _system(str(key), said) for key, said in told["systems"].items()},
            parts={Part(name): _text(said) for name, said in told["parts"].items()},
            history=[Share(int(one["year"]), float(one["share"]), str(one["source"])) for one in told["history"]],
            target=Share(int(told["target"]["year"]), float(told["target"]["share"]), str(told["source"])),
            evidence_days=int(told["evidence_days"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as wrong:
        if isinstance(wrong, SystemsWrong):
            raise
        message = f"it lacks or misspells {wrong}"
        raise SystemsWrong(message) from wrong
    _refuse_loose_ends(made)
    return made


def _refuse_loose_ends(city: City) -> None:
    for key, system in city.systems.items():
        if system.back_office_of and system.back_office_of not in city.systems:
            message = f"systems.{key}.back_office_of is {system.back_office_of}, which is not in the list"
            raise SystemsWrong(message)


def _system(key: str, told: Any) -> System:
    try:
        plan = told.get("plan")
        return System(
            key, _text({code: told[code] for code in Language if code in told}), str(told["department"]),
            str(told["kind"]), str(told.get("back_office_of", "")), frozenset(Part(one) for one in told["needs"]),
            frozenset(Part(one) for one in told["uses"]), tuple(told.get("clients", (key,))),
            Plan(Action(plan["do"]), date.fromisoformat(f"{plan['by']}-01")) if plan else None,
        )
    except (KeyError, TypeError, ValueError, AttributeError) as wrong:
        message = f"systems.{key} lacks or misspells {wrong}"
        raise SystemsWrong(message) from wrong


def _text(told: Any) -> Text:
    return Text({Language(code): str(said) for code, said in told.items()})


def _month_after(month: date) -> date:
    return date(month.year + month.month // _MONTHS, month.month % _MONTHS + 1, 1)


def _planned_for(system: System) -> tuple[date, str]:
    return (system.plan.by if system.plan else date.max, system.key)
