"""The places' manifest."""

from madang.kernel.manifest import Room
from madang.records.places import api

ROOM = Room(name="places", title="Places", owner="Digital Infrastructure Division", routes={"api": api.router})
