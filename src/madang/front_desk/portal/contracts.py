"""What the portal says to the rest of the city: only what somebody may run into."""

from dataclasses import dataclass

from madang.kernel.errors import NotFound


@dataclass(eq=False)
class StepUnknown(NotFound):
    """The form has no such page; it may have changed since the link was made."""

    step: str

    code = "portal.step_unknown"
    message = "This form has no page called “{step}”."


@dataclass(eq=False)
class CategoryUnknown(NotFound):
    """There is no such kind of service."""

    category: str

    code = "portal.category_unknown"
    message = "There is no kind of service called “{category}”."
