"""What a register may send, and what is refused: anything that is not exactly an answer."""

import socket
import threading
import time
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.kernel.clock import SEOUL
from madang.kernel.ids import ResidentId, new_id
from madang.records.registers.contracts import Entry, NoAnswer, Register
from madang.records.registers.rules import answers
from madang.records.registers.store.outside import Outside

AS_OF = datetime(2026, 1, 1, tzinfo=SEOUL)
VALUES = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=40)


@given(st.dictionaries(st.sampled_from(["name_ko", "sex", "phone"]), VALUES))
def test_what_is_written_is_read_again(fields):
    entry = Entry(fields, AS_OF)
    assert answers.read(answers.write(entry), ["name_ko", "sex", "phone"]) == entry


def test_what_was_not_asked_for_is_not_kept():
    sent = answers.write(Entry({"name_ko": "김", "masked_number": "900101-*******"}, AS_OF))
    assert answers.read(sent, ["name_ko"]).fields == {"name_ko": "김"}


@pytest.mark.parametrize("body", [
    b"", b"null", b"[]", b"{}", b'{"fields":{}}', b"<html>down for maintenance</html>", b'{"fields": {"name_ko": ["',
    b'{"fields":{"name_ko":1},"as_of":"2026-01-01T00:00:00Z"}',
    b'{"fields":{"name_ko":null},"as_of":"2026-01-01T00:00:00Z"}',
    b'{"fields":{"name_ko":""},"as_of":"2026-01-01T00:00:00Z"}',
    b'{"fields":{"name_ko":"a\\u0000b"},"as_of":"2026-01-01T00:00:00Z"}',
    b'{"fields":{"name_ko":"a"},"as_of":"2026-01-01T00:00:00"}',
    b'{"fields":{"name_ko":"a"},"as_of":"yesterday"}',
    b'{"fields":{"name_ko":"' + b"a" * 501 + b'"},"as_of":"2026-01-01T00:00:00Z"}',
    b'{"fields":{"name_ko":"\xff"},"as_of":"2026-01-01T00:00:00Z"}',
    b"a" * (answers.LONGEST_ANSWER + 1),
])
def test_anything_else_is_malformed(body):
    with pytest.raises(answers.Malformed):
        answers.read(body, ["name_ko"])


@given(st.binary(max_size=200))
def test_no_bytes_do_anything_worse(body):
    with pytest.raises(answers.Malformed) as wrong:
        answers.read(body, ["name_ko"])
    assert 0 < len(str(wrong.value)) < 300


def _serve(pieces: list[bytes], pause: float) -> str:
    """A server that answers one request with these pieces, pausing before each."""
    listener = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        connection, _ = listener.accept()
        with connection, listener:
            connection.recv(65536)
            for piece in pieces:
                time.sleep(pause)
                try:
                    connection.sendall(piece)
                except OSError:
                    return

    threading.Thread(target=answer, daemon=True).start()
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.parametrize("pieces", [
    [b"HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n", *([b" "] * 40)],
    [b"HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n", *([b"a" * 70_000] * 3)],
    [b"not http at all\r\n\r\n"],
    [b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"],
    [b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"],
], ids=["dripping", "endless", "not http", "sent elsewhere", "cut off"])
def test_a_strange_server_is_no_answer_and_takes_no_longer_than_allowed(pieces):
    began = time.monotonic()
    with pytest.raises(NoAnswer):
        Outside(_serve(pieces, 0.05)).fetch(Register.RESIDENTS, ResidentId(new_id()), ["name_ko"], 0.5)
    assert time.monotonic() - began < 1.2


def test_nobody_there_is_no_answer():
    with pytest.raises(NoAnswer) as nobody:
        Outside("http://127.0.0.1:9").fetch(Register.RESIDENTS, ResidentId(new_id()), ["name_ko"], 0.5)
    assert nobody.value.passing
