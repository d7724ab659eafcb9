"""Starting a server as a child that never outlives us, also when we run as root or are killed."""

import ctypes
import os
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path

_CLONE_NEWUSER = 0x10000000
_PR_SET_PDEATHSIG = 1
_NOBODY = 65534


def free_port() -> int:
    """A TCP port on loopback that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def die_with_parent(sign: int = signal.SIGTERM) -> None:
    """Ask Linux to send ``sign`` to this process when its parent dies; other systems do without."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, sign)


def child_of_ours() -> None:
    """What every child does before its program starts: leave our terminal's Ctrl-C to us, and die with us."""
    os.setsid()
    die_with_parent()


def database_of_ours() -> None:
    """As ``child_of_ours``, with the signal that PostgreSQL takes as "cleanly, now" and not "when all have left"."""
    os.setsid()
    die_with_parent(signal.SIGINT)


def as_ordinary_user() -> Callable[[], None]:
    """What PostgreSQL, which refuses root, does before its program starts.

    For an ordinary user that is ``database_of_ours``. For root, the child enters a user namespace in which it
    is ``nobody`` while its files stay ours: no account is made and no folder changes hands.
    """
    if os.geteuid() != 0:
        return database_of_ours
    libc = ctypes.CDLL(None, use_errno=True)

    def enter() -> None:
        os.setsid()
        if libc.unshare(_CLONE_NEWUSER) != 0:
            raise OSError(ctypes.get_errno(), "root may not make a user namespace here: run as an ordinary user")
        Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
        Path("/proc/self/uid_map").write_text(f"{_NOBODY} 0 1", encoding="ascii")
        Path("/proc/self/gid_map").write_text(f"{_NOBODY} 0 1", encoding="ascii")
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGINT)

    return enter
