"""The printing house and the post: takes batches of letters, and says which were handed over against a signature.

A batch lies in ``<instance>/outbound/letters/<batch>`` with its manifest. Each letter must be a PDF, each id is printed
once; a postcode that begins with 00 belongs to nobody, and its letter comes back. The answer is ``receipts.json``.
"""

import json
import threading
from pathlib import Path
from typing import Any


def take(folder: Path) -> int:
    """Take every batch that was not taken yet; how many letters were printed."""
    return sum(_take(manifest) for manifest in sorted(folder.glob("[0-9a-f]*/manifest.json")) if _is_new(manifest))


def keep_taking(folder: Path, stop: threading.Event, seconds: float = 5.0) -> None:
    """Take batches until told to stop."""
    while not stop.wait(seconds):
        take(folder)


def _is_new(manifest: Path) -> bool:
    return not any((manifest.parent / name).exists() for name in ("receipts.json", "receipts.read.json"))


def _take(manifest: Path) -> int:
    letters: list[dict[str, Any]] = json.loads(manifest.read_text(encoding="utf-8"))["letters"]
    printed = {one["id"]: (manifest.parent / one["file"]).read_bytes().startswith(b"%PDF-") for one in letters}
    told = [
        {"id": one["id"], "handed_over": printed[one["id"]] and not str(one["address"]).startswith("00")}
        for one in letters
    ]
    fresh = manifest.with_name("receipts.new")
    fresh.write_text(json.dumps({"letters": told}), encoding="utf-8")
    fresh.rename(manifest.with_name("receipts.json"))
    return sum(printed.values())
