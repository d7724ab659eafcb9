"""By which ways the city reaches people: topics, steps of legal notices, quiet hours, providers; from the profile."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from madang.commons.notify import profile
from madang.commons.notify.contracts import TemplateWrong, Urgency
from madang.commons.notify.rules.choosing import Quiet, Step, Topic
from madang.kernel.languages import Text


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a provider takes messages: on average a second, and at once."""

    per_second: float
    burst: int


@dataclass(frozen=True, slots=True)
class CallRule:
    """How often nobody may answer before a call is given up, and how long until the next."""

    tries: int
    wait: timedelta


@dataclass(frozen=True, slots=True)
class Ways:
    """``notify_topics.yaml`` and ``notify_channels.yaml``, checked."""

    topics: Mapping[str, Topic]
    steps: Sequence[Step]
    quiet: Quiet
    paces: Mapping[str, Pace]
    sender_number: str
    leases: Mapping[str, timedelta]
    calls: CallRule
    code_minutes: int
    code_tries: int
    codes_most: int
    keep_off: timedelta
    broadcast_code: str
    """Under which code, followed by the language, the messenger approved the frame of broadcasts."""
    broadcast_frame: Text
    """The frame: ``#{title}`` and ``#{body}`` are what the officers wrote."""

    def topic_of(self, template: str) -> Topic:
        """The topic that a template belongs to; every template has one, which is checked when this is read."""
        return next(topic for topic in self.topics.values() if template in topic.templates)


def ways() -> Ways:
    """This city's. Raises TemplateWrong."""
    return read(profile.folder())


@cache
def read(folder: Path) -> Ways:
    """A profile's. Raises TemplateWrong with the file, the place and the remedy."""
    topics, channels = profile.mapping(folder / "notify_topics.yaml"), profile.mapping(folder / "notify_channels.yaml")
    try:
        made = _ways(topics, channels)
    except (KeyError, TypeError, ValueError) as wrong:
        message = f"notify_topics.yaml, notify_channels.yaml: {wrong!r} is missing or not of its kind"
        raise TemplateWrong(message) from wrong
    listed = [name for topic in made.topics.values() for name in topic.templates]
    for name in sorted(set(profile.templates(folder)) | set(listed)):
        if listed.count(name) != 1 or name not in profile.templates(folder):
            message = f"notify_topics.yaml: the template {name} must stand under exactly one topic, and in messages/"
            raise TemplateWrong(message)
    return made


def _ways(topics: Mapping[str, Any], channels: Mapping[str, Any]) -> Ways:
    quiet, codes = channels["quiet"], channels["phone_codes"]
    return Ways(
        topics={name: _topic(name, raw) for name, raw in topics["topics"].items()},
        steps=[Step(raw["channels"], timedelta(hours=raw["wait_hours"])) for raw in channels["legal_steps"]],
        quiet=Quiet(time.fromisoformat(quiet["begins"]), time.fromisoformat(quiet["ends"]), tuple(quiet["channels"])),
        paces={
            name: Pace(float(raw["per_second"]), int(raw["burst"])) for name, raw in channels["providers"].items()
        },
        sender_number=str(channels["sender_number"]),
        leases={name: timedelta(seconds=raw["lease_seconds"]) for name, raw in channels["providers"].items()},
        calls=CallRule(int(channels["calls"]["tries"]), timedelta(hours=channels["calls"]["wait_hours"])),
        code_minutes=int(codes["valid_minutes"]), code_tries=int(codes["tries"]), codes_most=int(codes["most"]),
        keep_off=timedelta(days=channels["keep_off_days"]),
        broadcast_code=str(channels["broadcast_code"]), broadcast_frame=profile.text(channels["broadcast_frame"]),
    )


def _topic(name: str, raw: Mapping[str, Any]) -> Topic:
    return Topic(
        name, profile.text(raw["title"]), Urgency(raw["urgency"]), tuple(raw["channels"]), tuple(raw["offered"]),
        tuple(raw["templates"]), bool(raw["may_unsubscribe"]),
    )
