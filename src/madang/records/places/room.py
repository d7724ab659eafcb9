"""The places' manifest."""

from madang.kernel.manifest import Room

ROOM = Room(name="places", title="Places", owner="Digital Infrastructure Division")
