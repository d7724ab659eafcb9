"""The registers' manifest."""

from datetime import timedelta

from madang.kernel.manifest import Held, Room
from madang.records.registers.contracts import Permission

ROOM = Room(
    name="registers",
    title="Registers",
    owner="Data Governance Division",
    permissions=Permission,
    personal_data=[
        Held(
            "Entries of synthetic residents, standing in for the registers of their owners; nothing of a real person",
            purpose="demonstrations and tests", basis="no personal data", keep=timedelta(days=3650),
        ),
    ],
)
