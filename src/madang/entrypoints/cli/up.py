"""Run the city: set up what is missing, start every process, watch them until Ctrl-C."""

import argparse
import sys
import time

from madang.entrypoints import city
from madang.entrypoints.settings import Settings

_INSIDE = "  "


class _Terminal:
    """Progress as lines: what is being done, and how long it took."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def step(self, what: str) -> None:
        self._began = time.monotonic()
        sys.stdout.write(f"{_INSIDE}{what} … ")
        sys.stdout.flush()

    def done(self, note: str = "") -> None:
        print(f"{time.monotonic() - self._began:.1f} s{f', {note}' if note else ''}", flush=True)

    def say(self, line: str) -> None:
        print(f"{_INSIDE}{time.strftime('%H:%M:%S')} {line}", flush=True)


def arguments(parser: argparse.ArgumentParser) -> None:
    """No arguments: where and on which port is a setting (MADANG_INSTANCE, MADANG_PORT)."""
    parser.epilog = "Settings: MADANG_INSTANCE, MADANG_PORT, MADANG_PUBLIC_URL, MADANG_DATABASE_URL, MADANG_NATS_URL."


def run(asked: argparse.Namespace) -> int:  # noqa: ARG001 -- every verb has the same signature
    """Run the city until Ctrl-C; 0 when all of it was stopped."""
    settings, terminal = Settings.read(), _Terminal()
    print(f"Starting the city in {settings.instance}", flush=True)
    try:
        with city.running(settings, terminal) as (supervisor, ready):
            _greet(ready)
            supervisor.watch(on_change=lambda: city.publish_pids(settings.instance, ready, supervisor))
            print("\nStopping; everything acknowledged is kept.", flush=True)
    except city.CityDidNotStart as failure:
        print(f"\n{failure}\n`madang doctor` finds out more.", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nStopped before the city was ready.", file=sys.stderr)
        return 2
    print("Stopped.", flush=True)
    return 0


def _greet(ready: city.Ready) -> None:
    print(f"\nThe city is open after {ready.seconds:.0f} s: {ready.url}")
    print(f"{_INSIDE}portal {ready.url}/   staff desk {ready.url}/desk/   API {ready.url}/api/docs")
    print(f"{_INSIDE}The certificate is this instance's own: your browser asks once whether you trust it.")
    print("\nDemonstration sign-ins (everyone is synthetic):")
    for one in ready.sign_ins:
        second = f"   second factor: {one.second_factor}" if one.second_factor else ""
        print(f"{_INSIDE}{one.email:<34} {one.password:<20} {one.who}{second}")
    print("\nCtrl-C stops it.", flush=True)
