"""Two services that are the resident register extract in all but how surely they must know who asks."""

from pathlib import Path
from typing import Final

import yaml

BASE: Final = "resident-register-extract"
SUBSTANTIAL: Final = "zero-visit-substantial"
HIGH: Final = "zero-visit-high"
ORDINARY: Final = (BASE, SUBSTANTIAL, HIGH)


def services_into(profile: Path) -> None:
    """Put two services into ``profile`` that are the extract in all but how surely they must know who asks."""
    source = next((profile / "services").rglob(f"{BASE}.yaml"))
    told = yaml.safe_load(source.read_text(encoding="utf-8"))
    for name, level in ((SUBSTANTIAL, "substantial"), (HIGH, "high")):
        text = yaml.safe_dump(told | {"id": name, "assurance": level}, allow_unicode=True)
        source.with_name(f"{name}.yaml").write_text(text, encoding="utf-8")
