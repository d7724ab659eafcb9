"""Filter turns that are too many for gaps alone: their own stage is not left out.

The volume warrant of FHWA's Traffic Signal Timing Manual (FHWA-HOP-08-024, 2008, 4.4.1): a left turn is given its own
stage where its volume times the volume that opposes it is above 50,000 (veh/h)² for each opposing lane.
"""

import numpy as np

from madang.streets.traffic_signals.contracts import Flags
from madang.streets.traffic_signals.rules.plans import method
from madang.streets.traffic_signals.rules.plans.cases import Cases
from madang.streets.traffic_signals.rules.plans.demand import Demand
from madang.streets.traffic_signals.rules.plans.layout import GREEN, Layout


def needed(layout: Layout, demand: Demand) -> Flags:
    """Movements that give way somewhere, have a stage of their own elsewhere, and by volume need it, [M]."""
    turns, foes = layout.yields[layout.opposes[:, 0]], layout.opposes[:, 1]
    lanes = np.bincount(layout.share_movement, layout.group_lanes[layout.share_group], len(layout.movements))
    against = np.zeros(layout.service.shape)
    np.add.at(against, (turns[:, 0], turns[:, 1]), demand.volume[foes] / np.maximum(1.0, lanes[foes]))
    own = (layout.service == GREEN).any(axis=1)
    found: Flags = own & (demand.volume * against.max(axis=1, initial=0.0) > method.CROSS_PRODUCT)
    return found


def leaves_out(layout: Layout, cases: Cases, need: Flags) -> Flags:
    """Cases whose order gives a movement in ``need`` [M] no stage of its own, [R]."""
    row = np.nonzero(need)[0]
    first = np.searchsorted(layout.movement_node[row], cases.node)
    count = np.searchsorted(layout.movement_node[row], cases.node, side="right") - first
    case = np.repeat(np.arange(len(cases.node)), count)
    movement = row[np.arange(len(case)) - np.repeat(np.cumsum(count) - count - first, count)]
    order = cases.order[case]
    served = (np.take_along_axis(layout.service[movement], np.maximum(order, 0), axis=1) == GREEN) & (order >= 0)
    found: Flags = np.bincount(case, ~served.any(axis=1), len(cases.node)) > 0
    return found
