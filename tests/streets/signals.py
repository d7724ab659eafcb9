"""Small intersections to test with."""

from madang.streets.traffic_signals.contracts import (
    Crossing,
    CrossingId,
    Intersection,
    IntersectionId,
    Limits,
    LinkId,
    Movement,
    MovementId,
    Stage,
    StageId,
    StageTime,
    TimingPlan,
    Turn,
)

LIMITS = Limits(
    min_green=7, max_red=150, min_cycle=40, max_cycle=180, min_yellow=3, min_all_red=1, walking_speed=0.8, walk_start=4,
)


def movement(name: str, turn: Turn = Turn.THROUGH) -> Movement:
    return Movement(MovementId(name), LinkId(f"{name}-in"), LinkId(f"{name}-out"), turn, (0,), (0,), 1800.0)


def crossroads(name: str = "X", **changed: object) -> Intersection:
    """Two streets that cross, with a crossing of 16 m over each: stage A north–south, stage B east–west."""
    north, south, east, west = (MovementId(f"{name}/{side}") for side in "nsew")
    over_east, over_north = CrossingId(f"{name}/over-e"), CrossingId(f"{name}/over-n")
    conflicts = [(north, east), (north, west), (south, east), (south, west), (over_east, east), (over_north, north)]
    facts: dict[str, object] = {
        "id": IntersectionId(name), "name": name, "x": 127.0, "y": 37.5,
        "movements": tuple(movement(each) for each in (north, south, east, west)),
        "crossings": (
            Crossing(over_east, 16.0, (4,), frozenset({east, west})),
            Crossing(over_north, 16.0, (5,), frozenset({north, south})),
        ),
        "stages": (
            Stage(StageId("A"), frozenset({north, south}), walking=frozenset({over_east})),
            Stage(StageId("B"), frozenset({east, west}), walking=frozenset({over_north})),
        ),
        "conflicts": frozenset(frozenset(pair) for pair in conflicts),
        "intergreens": {(StageId("A"), StageId("B")): 4.0, (StageId("B"), StageId("A")): 4.0},
        "heads": 6, "area": "11680",
    } | changed
    return Intersection(**facts)  # type: ignore[arg-type]


def plan(*greens: int, name: str = "X", cycle: int | None = None, offset: int = 0, order: str = "AB") -> TimingPlan:
    stages = tuple(StageTime(StageId(stage), green) for stage, green in zip(order, greens, strict=True))
    length = cycle if cycle is not None else sum(greens) + 4 * len(greens)
    return TimingPlan(IntersectionId(name), length, offset, stages)
