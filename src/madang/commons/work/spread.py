"""Work whose parts stay where they are, with what they remember: in this machine's processes, or in a Ray cluster's.

A part is made once, by its own worker, and is then passed one message after another; all parts work side by side. A
worker that is lost is not replaced behind one's back, for what it remembered is gone with it: ``WorkerLost`` is raised,
and who asked begins again from what was kept.
"""

import gc
import logging
import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, Generic, Protocol, TypeVar

from madang.kernel.errors import CityError

Message = TypeVar("Message")
Answer = TypeVar("Answer")
Ask = Callable[[Sequence[Message]], Sequence[Answer]]
Makers = Sequence[Callable[[], Callable[[Message], Answer]]]


@dataclass(eq=False)
class WorkerLost(CityError):
    """A worker process ended before it answered."""

    worker: int
    code = "work.worker_lost"
    message = "Worker {worker} ended before it answered: start again from what was kept."


class Spreading(Protocol, Generic[Message, Answer]):
    """What the engines below give: makers in, a way to ask all parts out; closed with the context."""

    def __call__(self, makers: Makers[Message, Answer]) -> Ask[Message, Answer]:
        """Have the parts made, each by the worker that it will live in."""


@contextmanager
def over_processes(workers: int) -> Iterator[Callable[[Makers[Message, Answer]], Ask[Message, Answer]]]:
    """Spread parts over so many processes of this machine; they end with the context."""
    context = multiprocessing.get_context("spawn")
    started: list[tuple[Any, Connection]] = []

    def spread(makers: Makers[Message, Answer]) -> Ask[Message, Answer]:
        for number in range(min(workers, len(makers))):
            ours, theirs = context.Pipe()
            process = context.Process(target=_work, args=(theirs,), daemon=True)
            process.start()
            theirs.close()
            ours.send(list(makers[number::workers]))
            started.append((process, ours))
        for number, (_, connection) in enumerate(started):
            _answer(connection, number)
        return lambda messages: _asked(started, messages)

    try:
        yield spread
    finally:
        for process, connection in started:
            connection.close()
            process.join(5)
            if process.is_alive():
                process.terminate()


@contextmanager
def over_ray(workers: int, address: str) -> Iterator[Callable[[Makers[Message, Answer]], Ask[Message, Answer]]]:
    """Spread parts over actors of the Ray cluster whose head is on this machine, at ``address`` (host:port).

    Needs the extra ``cluster``; ImportError without.
    """
    import ray

    own = address.rpartition(":")[0]
    ray.init(address=address, _node_ip_address=own, log_to_driver=False, logging_level=logging.ERROR)

    def spread(makers: Makers[Message, Answer]) -> Ask[Message, Answer]:
        remote: Any = ray.remote(num_cpus=1, scheduling_strategy="SPREAD")(Parts)
        shares = [list(makers[number::workers]) for number in range(min(workers, len(makers)))]
        actors: list[Any] = [remote.remote(share) for share in shares]

        def ask(messages: Sequence[Message]) -> Sequence[Answer]:
            waiting = [actor.each.remote(list(messages[number::len(actors)])) for number, actor in enumerate(actors)]
            answers: Any = ray.get(waiting)
            return _in_order(answers)

        ray.get([actor.each.remote([]) for actor in actors])
        return ask

    try:
        yield spread
    finally:
        ray.shutdown()


class Parts:
    """Some parts in one worker."""

    def __init__(self, makers: Sequence[Callable[[], Callable[[Any], Any]]]) -> None:
        self._parts = [make() for make in makers]
        gc.collect()
        gc.freeze()  # what parts hold stays for the worker's life: looking through it again and again takes seconds

    def each(self, messages: Sequence[Any]) -> list[Any]:
        """Pass one message to each part."""
        return [part(message) for part, message in zip(self._parts, messages, strict=False)]


def _work(connection: Connection) -> None:
    """A worker's life: make the parts, answer until nobody asks."""
    try:
        parts = Parts(connection.recv())
        connection.send((True, None))
        while True:
            messages = connection.recv()
            try:
                connection.send((True, parts.each(messages)))
            except (CityError, ValueError) as refused:
                connection.send((False, refused))
    except EOFError:
        return


def _asked(started: Sequence[tuple[Any, Connection]], messages: Sequence[Any]) -> list[Any]:
    for number, (_, connection) in enumerate(started):
        try:
            connection.send(list(messages[number::len(started)]))
        except OSError as error:
            raise WorkerLost(worker=number) from error
    return _in_order([_answer(connection, number) for number, (_, connection) in enumerate(started)])


def _answer(connection: Connection, number: int) -> Any:
    try:
        good, answer = connection.recv()
    except (EOFError, OSError) as error:
        raise WorkerLost(worker=number) from error
    if not good:
        raise answer
    return answer


def _in_order(answers: Sequence[Sequence[Any]]) -> list[Any]:
    """Back from each worker's share to the order in which parts were given."""
    size = sum(map(len, answers))
    found: list[Any] = [None] * size
    for number, share in enumerate(answers):
        found[number::len(answers)] = share
    return found
