"""Audit's manifest."""

from madang.commons.audit.contracts import LINES_KEPT
from madang.kernel.manifest import Held, Room

ROOM = Room(
    name="audit",
    title="Audit",
    owner="Data Governance Division",
    personal_data=[
        Held(
            "what an officer wrote beside the purpose for which they opened a resident's data",
            purpose="show the resident and the auditor why it was opened",
            basis="Personal Information Protection Act, article 29 (2023): records of access",
            keep=LINES_KEPT,
        ),
    ],
)
