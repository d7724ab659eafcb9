"""Make the environment: ``python3 tools/setup.py``. Needs Python 3.11 and the package registries.

Says what it does, line by line, with seconds; a step whose inputs have not changed is skipped; a step that fails says
what failed, what to do, and where the whole output lies.
"""

from __future__ import annotations  # so that an older Python gets as far as the message about its version

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

HOUSE = Path(__file__).resolve().parents[1]
VENV = HOUSE / ".venv"
PYTHON = VENV / "bin" / "python"
LOG = VENV / "set-up.log"
DONE = VENV / ".set-up-steps"
FONTS = HOUSE / "src/madang/commons/gateway/static/fonts/pretendard"
WANTED = (3, 11)
_TAIL = 12
_NO_NETWORK = (
    "getaddrinfo", "Temporary failure in name resolution", "dns error", "ENOTFOUND", "ECONNREFUSED", "ETIMEDOUT",
    "EAI_AGAIN", "Connection refused", "ConnectTimeout", "NewConnectionError", "error sending request", "timed out",
    "(from versions: none)",
)


class SetupFailedError(Exception):
    """A step that did not work; the message says what to do."""


def main() -> int:
    """Run every step; 0 when the environment stands."""
    began = time.monotonic()
    try:
        _require_python()
        _step("environment in .venv", [], _make_environment)
        _step("pip and uv", ["requirements/setup.txt"], _install_tools)
        _step("Python packages, checked by hash (about 840 MB)", ["requirements/dev.txt"], _install_packages)
        _step("the command .venv/bin/madang", ["pyproject.toml"], _install_madang)
        _step("the typeface, from npm", ["package-lock.json", "tools/setup.py"], _install_typeface)
    except SetupFailedError as failure:
        sys.stderr.write(f"\nset-up stopped: {failure}\n")
        return 1
    sys.stdout.write(f"set up in {time.monotonic() - began:.0f} s\n")
    return 0


def _require_python() -> None:
    if sys.version_info[:2] != WANTED:
        found = ".".join(map(str, sys.version_info[:3]))
        message = (
            f"this is Python {found} ({sys.executable}), and Madang needs 3.11. Install Python 3.11 and say where it "
            "is: make setup PYTHON=/path/to/python3.11"
        )
        raise SetupFailedError(message)


def _step(title: str, inputs: list[str], work) -> None:  # noqa: ANN001 -- a plain function; this file runs without the packages
    mark = DONE / work.__name__.strip("_")
    fingerprint = hashlib.sha256(b"".join((HOUSE / name).read_bytes() for name in inputs)).hexdigest()
    if PYTHON.exists() and mark.exists() and mark.read_text() == fingerprint:
        sys.stdout.write(f"  {title}: current\n")
        return
    sys.stdout.write(f"  {title} ... ")
    sys.stdout.flush()
    began = time.monotonic()
    work()
    DONE.mkdir(exist_ok=True)
    mark.write_text(fingerprint)
    sys.stdout.write(f"{time.monotonic() - began:.1f} s\n")
    sys.stdout.flush()


def _make_environment() -> None:
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        message = "this Python came without venv. On Debian: apt-get install python3.11-venv"
        raise SetupFailedError(message)
    _run([sys.executable, "-m", "venv", str(VENV)])


def _install_tools() -> None:
    _run([str(PYTHON), "-m", "pip", "install", "--require-hashes", "-r", "requirements/setup.txt"])


def _install_packages() -> None:
    _uv("--require-hashes", "-r", "requirements/dev.txt")


def _install_madang() -> None:
    _uv("--no-deps", "--no-build-isolation", "-e", ".")


def _uv(*arguments: str) -> None:
    _run([str(VENV / "bin" / "uv"), "pip", "install", "--python", str(PYTHON), *arguments])


def _install_typeface() -> None:
    _run([str(PYTHON), "-m", "tools.npm", "ci"])
    source = HOUSE / "node_modules/pretendard/dist/web/variable"
    fresh = FONTS.with_name("pretendard.new")
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.copytree(source / "woff2-dynamic-subset", fresh / "woff2-dynamic-subset")
    # the style sheet carries the licence's notice (OFL 1.1) with it
    shutil.copyfile(source / "pretendardvariable-dynamic-subset.css", fresh / "pretendard.css")
    shutil.rmtree(FONTS, ignore_errors=True)
    fresh.replace(FONTS)


def _run(command: list[str]) -> None:
    """Run a step's program in the checkout. Raises SetupFailedError with the end of what it said."""
    ended = subprocess.run(command, cwd=HOUSE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                           env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}, check=False)
    said = ended.stdout.decode(errors="replace")
    VENV.mkdir(exist_ok=True)
    with LOG.open("a", encoding="utf-8") as file:
        file.write(f"$ {' '.join(command)}\n{said}\n")
    if ended.returncode:
        tail = "\n".join(said.strip().splitlines()[-_TAIL:])
        message = f"{Path(command[0]).name} ended with {ended.returncode}.\n{tail}\n{_remedy(said)}\nAll of it: {LOG}"
        raise SetupFailedError(message)


def _remedy(said: str) -> str:
    if any(sign in said for sign in _NO_NETWORK):
        return "The package registry was not reached: check the network or the proxy, then run `make setup` again."
    if "No space left" in said:
        return "The disk is full: about 3 GB are needed. Make room, then run `make setup` again."
    if "hash" in said.lower():
        return "A package is not the one that was pinned: do not go on; find out where it came from."
    return "Run `make setup` again; if it stops at the same place, the lines above say why."


if __name__ == "__main__":
    sys.exit(main())
