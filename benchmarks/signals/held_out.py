"""Networks on which nothing was ever tuned: a grid and an arterial that SUMO's netgenerate makes, with stated demand.

Vehicles enter at each outer edge with one chance a second, and leave at another outer edge: through traffic along the
main direction counts more. The seed of each run gives other moments of entry. No street of them is real.
"""

import os
import re
import subprocess
from pathlib import Path
from typing import Final

SHAPES: Final = {
    "grid": ["--grid.x-number", "3", "--grid.y-number", "3", "--grid.length", "250", "--grid.attach-length", "250"],
    "arterial": [
        "--grid.x-number", "5", "--grid.y-number", "1", "--grid.x-length", "320", "--grid.attach-length", "300",
    ],
}
_STREETS: Final = [
    "--grid", "--default.lanenumber", "2", "--default-junction-type", "traffic_light", "--turn-lanes", "1",
    "--turn-lanes.length", "60", "--no-turnarounds", "--tls.cycle.time", "90", "--default.speed", "13.89",
]
ENTERING: Final = {"grid": 420.0, "arterial": 300.0}
"""Vehicles an hour that enter at each outer edge; the arterial's two ends have three times as many."""
_ENDS: Final = 3.0
_OUTER: Final = re.compile(r'<edge id="((?:left|right|top|bottom)\d+)([A-Z]\d+)(?:\.\d+\.\d+)?"')


def make(name: str, folder: Path, python: str) -> Path:
    """The network ``name`` in ``folder/name``, with ``netgenerate`` of the environment of ``python``."""
    place = folder / name
    place.mkdir(parents=True, exist_ok=True)
    net = place / f"{name}.net.xml"
    home = next(Path(python).parents[1].glob("lib/python*/site-packages/sumo"))
    subprocess.run(
        [str(home / "bin" / "netgenerate"), *SHAPES[name], *_STREETS, "-o", str(net)], check=True, capture_output=True,
        env=os.environ | {"SUMO_HOME": str(home)},
    )
    (place / f"{name}.rou.xml").write_text(_demand(name, net.read_text("utf-8")), encoding="utf-8")
    (place / f"{name}.sumocfg").write_text(
        f'<configuration><input><net-file value="{name}.net.xml"/><route-files value="{name}.rou.xml"/></input>'
        '<time><begin value="0"/></time></configuration>', encoding="utf-8",
    )
    return place


def _demand(name: str, net: str) -> str:
    outer = sorted(set(_OUTER.findall(net)))
    weight = {end: _ENDS if name == "arterial" and end.startswith(("left", "right")) else 1.0 for end, _ in outer}
    lines = []
    for end, inner in outer:
        others = {other: behind for other, behind in outer if other != end}
        whole = sum(weight[other] for other in others)
        for other, behind in others.items():
            chance = ENTERING[name] * weight[end] * weight[other] / whole / 3600
            lines.append(
                f'<flow id="{end}-{other}" from="{end}{inner}" to="{behind}{other}" begin="0" end="3600" '
                f'probability="{chance:.6f}" departLane="best" departSpeed="max"/>')
    return "<routes>\n" + "\n".join(lines) + "\n</routes>\n"
