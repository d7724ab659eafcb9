"""The constants of coordination that every city shares; what a city decides stands in ``contracts.Coordination``."""

from typing import Final

STEPS: Final = 40
"""Parts of a cycle in a cyclic flow profile: 1 to 4 s each, as in TRANSYT (Robertson, RRL Report LR 253, 1969)."""

SWEEPS: Final = 4
"""Times that every signal of a group is moved to its best offset; fewer when nothing moves any more."""

PASSES: Final = 3
"""Times that profiles are carried on from signal to signal: platoons that one shaped are shaped again by the next."""

MILE: Final = 1609.344
"""Metres."""

ENOUGH: Final = 1e-6
"""Vehicles waiting by which a move must better."""
