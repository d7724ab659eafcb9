"""Many things in one column: compressed MessagePack, read back strictly into contracts."""

import zlib
from typing import Any, TypeVar

import msgspec
import numpy as np

Kind = TypeVar("Kind")


def packed(thing: object) -> bytes:
    """Contracts, or plain data, compressed; numbers that are none stay so, as JSON could not keep them."""
    return zlib.compress(msgspec.msgpack.encode(thing, enc_hook=_plain), 6)


def unpacked(content: Any, kind: type[Kind]) -> Kind:
    """What ``packed`` took. Raises msgspec.ValidationError for anything else."""
    return msgspec.msgpack.decode(zlib.decompress(bytes(content)), type=kind)


def _plain(thing: object) -> object:
    if isinstance(thing, np.generic):
        return thing.item()
    message = f"{type(thing).__name__} has no place in a column"
    raise TypeError(message)
