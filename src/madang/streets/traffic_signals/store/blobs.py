"""Many things in one column: compressed MessagePack, read back strictly into contracts."""

import io
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


def array_packed(array: Any) -> bytes:
    """An array, compressed lightly: most of its bytes are noise, and it is written every five minutes."""
    with io.BytesIO() as file:
        np.save(file, array, allow_pickle=False)
        return zlib.compress(file.getbuffer(), 1)


def array_unpacked(content: Any) -> Any:
    """What ``array_packed`` took. Raises ValueError for anything else."""
    with io.BytesIO(zlib.decompress(bytes(content))) as file:
        return np.load(file, allow_pickle=False)


def _plain(thing: object) -> object:
    if isinstance(thing, np.generic):
        return thing.item()
    message = f"{type(thing).__name__} has no place in a column"
    raise TypeError(message)
