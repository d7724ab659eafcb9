"""Zero Visit: of applications begun online, how many end at a counter, with the platform's three levers off and on.

Applications go through the real processes at a steady rate while a register is down for 30 s and a worker is killed
twice. Faults strike by the source city's rates (``assumptions.yaml``). Off is counted in the same run: whoever's first
try failed by one of these faults is sent to a counter, as it was there; what else a full machine did not take at the
first try stands beside it (``first_tries_not_taken``). On is what became of the same people when they went on:

- **more ways to prove identity**: refused for a password alone, they set up an app, or use a mobile ID (OpenID);
- **validation in real time**: an identity card to be shown at a counter is replaced by a mobile identity card whose
  signature is checked at once, which proves the highest level;
- **automatic exceptions**: a cut connection is tried again under the same Idempotency-Key, a silent register is waited
  for, and what no machine can decide goes to an officer instead of sending the person away.

Modelled: whom a fault strikes, and who has an app or a mobile ID. Measured: every request, refusal, step-up, retry,
wait and outcome. Lost is an acknowledged application that is neither done nor on a desk; duplicated counts
cases and documents beyond one each.
"""

import asyncio
import shutil
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.residents import tokens
from benchmarks.zero_visit.counting import Assumed, Counted, in_the_end
from benchmarks.zero_visit.services import ORDINARY, services_into
from madang.entrypoints.launch import launched
from madang.entrypoints.settings import HOUSE

_RESIDENTS = 30


def measure(*, quick: bool) -> dict[str, Any]:
    """The offline shares and what was lost or doubled. 5,000 applications take some 7 minutes; ``quick`` sends 200."""
    number, rate = (200, 10.0) if quick else (5000, 15.0)
    assumed = Assumed.read()
    with tempfile.TemporaryDirectory(prefix="madang-bench-") as folder:
        profile = Path(folder) / "seoul"
        shutil.copytree(HOUSE / "profiles" / "seoul", profile)
        services_into(profile)
        environ = {"MADANG_DEMO_RESIDENTS": "2000", "MADANG_PROFILE": str(profile)}
        with launched(Path(folder) / "city", environ=environ) as city:
            people = tokens(city, 8 if quick else _RESIDENTS)  # sets Django up on the city
            from benchmarks.zero_visit.applicants import Applicants

            applicants = Applicants(city, people, assumed, down_seconds=5.0 if quick else assumed.register_down_seconds)
            applicants.prepare(number)
            begun = asyncio.run(applicants.all_apply(number, rate))
            end = in_the_end(city.instance, begun, ORDINARY)
    return _figures(begun, assumed) | end | {"rate_asked_per_s": rate, "killed": "worker-1, twice, with -9"}


def _figures(begun: Counted, assumed: Assumed) -> dict[str, Any]:
    def percent(count: int) -> float:
        return round(100 * count / begun.begun, 2)

    return {
        "applications": begun.begun,
        "offline_share_off": percent(sum(begun.struck[fault] for fault in assumed.rates)),
        "first_tries_not_taken": percent(sum(begun.struck.values())),
        "offline_share_on": percent(begun.begun - len(begun.acknowledged)),
        "by_lever": {lever: percent(count) for lever, count in begun.solved.items()},
        "struck": dict(begun.struck),
        "gave_up": dict(begun.gave_up),
        "refused": dict(begun.refused),
        "tries_again": begun.tries_again,
        "assumed": assumed.told(),
        "mobile_id_share_needed_for_1_percent": assumed.share_needed(0.01),
    }
