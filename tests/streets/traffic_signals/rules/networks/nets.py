"""Small SUMO networks written by hand: two streets that cross, as netconvert would write them."""

_ARMS = ("north", "east", "south", "west")
_TURN = {1: "l", 2: "s", 3: "r"}  # counting arms clockwise from the one entered by


def crossroads(
    phases: str = "", *, length: float = 200.0, head: str = "", tail: str = "", without_matrix: bool = False
) -> bytes:
    """Four one-lane arms of ``length`` metres; heads 0-2 north's left, through, right, 3-5 east's and so on."""
    arms = "".join(
        f'<edge id="{edge}" from="{start}" to="{end}">'
        f'<lane id="{edge}_0" index="0" speed="13.89" length="{length}"/></edge>'
        for arm in _ARMS for edge, start, end in ((f"{arm}_in", arm, "mid"), (f"{arm}_out", "mid", arm))
    )
    ways = "".join(
        f'<connection from="{arm}_in" to="{_ARMS[(i + turn) % 4]}_out" fromLane="0" toLane="0" '
        f'via=":mid_{3 * i + turn - 1}_0" tl="mid" linkIndex="{3 * i + turn - 1}" dir="{_TURN[turn]}"/>'
        for i, arm in enumerate(_ARMS) for turn in (1, 2, 3)
    )
    inner = " ".join(f":mid_{i}_0" for i in range(12))
    matrix = "" if without_matrix else "".join(f'<request index="{i}" foes="{_foes(i)}"/>' for i in range(12))
    return (
        f'<?xml version="1.0"?>{head}<net version="1.20">'
        f'<location netOffset="0.00,0.00" projParameter="!"/>{arms}'
        f'<tlLogic id="mid" type="static" programID="0" offset="10">{phases or _PHASES}</tlLogic>'
        f'<junction id="mid" type="traffic_light" x="0" y="0" intLanes="{inner}">{matrix}</junction>{ways}{tail}</net>'
    ).encode()


def phase(seconds: int, state: str) -> str:
    return f'<phase duration="{seconds}" state="{state}"/>'


_PHASES = (
    phase(30, "gGGrrrgGGrrr") + phase(3, "yyyrrryyyrrr") + phase(2, "r" * 12)
    + phase(20, "rrrgGGrrrgGG") + phase(4, "rrryyyrrryyy") + phase(1, "r" * 12)
)


def _foes(i: int) -> str:
    """Left, through and right of one arm conflict with other arms' as on any crossroads that drives on the right."""
    arm, turn = divmod(i, 3)
    met = {
        3 * ((arm + around) % 4) + other
        for around, others in {0: {1: (1, 0), 2: (0, 1, 2), 3: (0, 1)}, 1: {1: (1, 2), 2: (), 3: (0, 1)},
                               2: {1: (), 2: (0,), 3: (1,)}}[turn].items()
        for other in others
    }
    return "".join("1" if j in met else "0" for j in reversed(range(12)))
