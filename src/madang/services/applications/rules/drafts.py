"""One draft on several devices: who saves later sees what changed since they looked, and overwrites nothing unseen."""

from collections.abc import Collection, Mapping
from hashlib import sha256

from madang.services.applications.contracts import Answer, ChangedMeanwhile, Mistake

_LETTERS = 16


def seen(values: Mapping[str, str], names: Collection[str]) -> str:
    """A short digest of what somebody sees of these questions; a page sends it back with what was typed."""
    lines = "\n".join(f"{name}={values.get(name, '')}" for name in sorted(names))
    return sha256(lines.encode("utf-8", "replace")).hexdigest()[:_LETTERS]


def require_seen(held: Mapping[str, Answer], typed: Mapping[str, str], looked_at: str) -> None:
    """Raise ChangedMeanwhile when answers were changed elsewhere since ``looked_at`` and are now typed differently."""
    values = {name: answer.value for name, answer in held.items()}
    if not looked_at or seen(values, typed.keys()) == looked_at:
        return
    other = {name: values.get(name, "") for name, text in typed.items() if text.strip() != values.get(name, "")}
    mistakes = tuple(
        Mistake(
            name, "changed_meanwhile", facts={"value": value or "–"},
            message="This was changed meanwhile, perhaps on another device. It now says: {value}",
        )
        for name, value in other.items()
    )
    if mistakes:
        raise ChangedMeanwhile(mistakes=mistakes)
