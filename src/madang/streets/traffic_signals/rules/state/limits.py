"""The thresholds of the state estimate: defaults with their source. A city's own stand in its profile."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StateLimits:
    """Thresholds, all of which the profile's ``signals.yaml`` may replace.

    Where no source is named the figure was chosen on synthetic days (``tests/streets/traffic_signals/state``, 2026).
    """

    silent_after: float = 180.0
    """Seconds without a report until a detector is silent."""
    most_a_lane: float = 2_700.0
    """Vehicles an hour that one lane can pass: headways of 1.33 s, beyond the 1,900 of the Highway Capacity Manual
    (6th ed., 2016) by the margin of Jacobson, Nihan and Bender (Transportation Research Record 1287, 1990)."""
    stuck_evidence: float = 14.0
    """Natural logarithm of the odds against chance from which a value that does not change is stuck (1 in 10^6)."""
    stuck_on: float = 900.0
    """Seconds of full occupancy without one vehicle: Chen et al. (Transportation Research Record 1855, 2003)."""
    repeats: float = 3.0
    """Batches of late in which a detector came twice, from which its reports are called duplicated."""
    clock_check: float = 900.0
    """Seconds between looks at whether a detector's day runs at another time than its own history."""
    clock_gain: float = 0.3
    """How much smaller the misfit must be at another time for the clock to be called off."""
    clock_step: float = 3_600.0
    """Seconds by which a batch may lie off the last one before a second one must confirm the time."""
    clean_after: float = 600.0
    """Seconds of plausible reports after which a fault is over."""
    vehicle: float = 4.5
    """Metres of a vehicle, for the occupancy of free flow."""
    vehicle_space: float = 7.0
    """Metres a vehicle in a queue (HCM, 6th ed., 2016, ch. 31: 25 ft)."""
    memory: float = 6.0
    """Days that the profile of a time of day remembers, weighted exponentially."""
    deviation: float = 0.22
    """Usual relative deviation of a link's flow from its profile."""
    unknown: float = 0.7
    """The same where there is no profile yet."""
    damping: float = 2_400.0
    """Seconds after which a deviation from the profile has fallen to 1/e, until the data say otherwise."""
    ratio_memory: float = 1_200.0
    """Seconds over which turning ratios follow the counts."""
    ratio_spread: float = 0.06
    """Variance of an unknown turning ratio, relative to b(1 - b)."""
    midblock: float = 0.08
    """Relative standard deviation of what starts and ends between two junctions."""
    cycle: float = 120.0
    """Seconds of cycle where no running plan is known."""
    lost: float = 0.15
    """Share of the cycle that no stage uses, where no running plan is known."""
    saturation_low: float = 0.5
    saturation_high: float = 1.3
    """Bounds of a learned saturation flow, relative to the network's."""
