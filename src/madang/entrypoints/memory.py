"""What a long-lived process does about its memory once everything is loaded."""

import gc

_ALLOCATIONS_BETWEEN_LOOKS = 50_000


def settle_memory() -> None:
    """Leave what was loaded at start out of every later look for garbage, and look less often.

    A process of ours holds well over a hundred thousand objects after its start that never become garbage; there is
    nothing to be gained by looking through them again and again.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS_BETWEEN_LOOKS, 20, 20)
