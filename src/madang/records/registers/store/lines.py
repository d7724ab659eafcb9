"""What the city's processes last found about each register."""

from datetime import datetime

from madang.records.registers.contracts import Line, LineState, Register
from madang.records.registers.models import LineRow


def note(line: Line, at: datetime) -> None:
    """Keep what was found; the last word stands."""
    LineRow.objects.update_or_create(
        register=line.register, defaults={"state": line.state, "since": at, "why": line.why},
    )


def lines() -> dict[Register, Line]:
    """What was last found, by register; a register whose breaker never changed is not there."""
    return {(line := _line(row)).register: line for row in LineRow.objects.all()}


def _line(row: LineRow) -> Line:
    return Line(Register(row.register), LineState(row.state), row.since, row.why)
