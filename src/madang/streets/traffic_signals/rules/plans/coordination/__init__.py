"""Signals in step: groups of neighbours with a common cycle, offsets by the platoons that run between them.

Read ``streets`` (who belongs together), ``profiles`` (platoons and queues), ``model``, ``offsets``, ``search``,
``choice``.
"""

from madang.streets.traffic_signals.rules.plans.coordination.choice import Alone, Coordinator, InStep, Worth

__all__ = ["Alone", "Coordinator", "InStep", "Worth"]
