"""The playing mail server keeps what it takes and stays where it is told."""

import smtplib

import pytest

from madang.simulation import mail


@pytest.fixture
def server(tmp_path):
    started = mail.start("127.0.0.1", 0, tmp_path / "mail")
    yield started
    started.stop()


def send(server, to):
    with smtplib.SMTP("127.0.0.1", server.port, timeout=5) as session:
        session.sendmail("city@example.org", to, b"Subject: hello\r\n\r\nhello\r\n")


def test_a_message_is_kept_for_each_recipient(server, tmp_path):
    send(server, ["a@example.org", "b@example.org"])
    for name in ("a@example.org", "b@example.org"):
        (kept,) = (tmp_path / "mail" / name).glob("*.eml")
        assert kept.read_bytes().endswith(b"hello\r\n")


def test_an_address_cannot_lead_out_of_the_folder(tmp_path):
    for address in ("../../etc/passwd", "..", "/root", "a/../../b"):
        assert mail.folder_of(tmp_path, address).resolve().is_relative_to(tmp_path)


def test_it_refuses_and_cuts_on_command(server, tmp_path):
    (tmp_path / "mail" / "refuse").touch()
    with pytest.raises(smtplib.SMTPDataError, match="451"):
        send(server, ["a@example.org"])
    (tmp_path / "mail" / "refuse").rename(tmp_path / "mail" / "cut")
    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(server, ["a@example.org"])
    (tmp_path / "mail" / "cut").unlink()
    send(server, ["a@example.org"])
    assert len(list((tmp_path / "mail" / "a@example.org").iterdir())) == 1
