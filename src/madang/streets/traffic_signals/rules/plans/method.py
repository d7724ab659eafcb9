"""The traffic engineer's constants that every formula of plan mode shares, each with its source.

They describe drivers and formulas, not one city or one network; what a city decides stands in ``Limits``.
"""

START_LOST = 2.0
"""Seconds lost at the start of a green: HCM 6th edition (2016), chapter 19, default."""

END_GAIN = 1.0
"""Seconds of yellow that are still used; HCM 6th edition (2016) takes 2.0, drivers who brake for yellow use less."""

CRITICAL_GAP = 4.5
"""Seconds of gap that a filter turn waits for: HCM 6th edition (2016), chapter 31, permitted left turns."""

FOLLOW_UP = 2.5
"""Seconds between two filter turns in one gap: HCM 6th edition (2016), chapter 31."""

SNEAKERS = 1.0
"""Vehicles a cycle and lane that turn when the opposing green ends; HCM 6th edition (2016), chapter 31, counts up to 2.

With 2, a left turn's own stage is left out so readily that wide junctions lock up in the simulator (decision 0030).
"""

CROSS_PRODUCT = 50_000.0
"""(veh/h)² of a filter turn and of one lane that opposes it, above which the turn keeps a stage of its own.

FHWA, Traffic Signal Timing Manual (FHWA-HOP-08-024, 2008), 4.4.1.
"""

WALKERS_SHARE = 0.85
"""What a turn over a walking green keeps of its saturation flow: HCM 2000, exhibit 16-7, moderate walking."""

PERIOD = 0.25
"""Hours over which a plan's demand is taken to last: HCM's analysis period."""

FIXED_TIME = 0.5
"""k of HCM's incremental delay, for pretimed greens (HCM 6th edition, 2016, equation 19-26)."""

CLEARED_WITHIN = 900.0
"""Seconds in which a queue that stands now should be gone: the period of HCM's initial queue delay."""

LEAST_FLOW = 2.0
"""veh/h that a movement is given at least: a count of nothing is not a promise that nobody comes."""

NOBODY = 1e-9
"""A share of vehicles, or a flow, below which there are none."""

COUNT_NOISE = 12.0
"""Variance of a five-minute count made into veh/h, by veh/h: arrivals by chance (Poisson), 3600 s / 300 s."""

UNFORESEEN = 0.3
"""Share of a movement's volume by which the next five minutes differ from the last, beyond chance."""

VEHICLE_SPACE = 7.0
"""Metres of lane that a standing vehicle takes, with its gap."""

SPILL = 2.0
"""Vehicles held up elsewhere for each one that finds its lane full; a queue beyond its lane blocks who goes on."""

STOP_LOSS = 2.7
"""Seconds that a stopped driver loses behind the stop line until he is as fast as before: v/2a, 14 m/s, 2.6 m/s²."""
