"""The rooms fit together: their manifests make one gateway, one set of permissions, one set of subscribers."""

from collections import Counter

import structlog

from madang.commons.gateway import envoy
from madang.commons.gateway.policy import rulebook
from madang.entrypoints.logs import keep_values_out
from madang.entrypoints.rooms import rooms, subscriptions
from madang.entrypoints.settings import current
from madang.kernel import clock


def test_the_manifests_make_a_gateway(tmp_path):
    front = envoy.Front(folder=tmp_path, keys=tmp_path / "keys", port=1, web_port=2, admin_port=3, outside_port=4)
    book = rulebook.of_city(rooms(), current().profile)
    assert envoy.write_configuration(front, book, clock.now()).exists()


def test_no_two_subscribers_share_a_name():
    assert [name for name, count in Counter(one.name for one in subscriptions()).items() if count > 1] == []


def test_no_two_rooms_share_a_name():
    assert len({room.name for room in rooms()}) == len(rooms())


def test_no_log_holds_a_secret(capsys):
    keep_values_out()
    password = current().secret_key
    try:
        int("no number")
    except ValueError:
        structlog.get_logger().exception("something.broke", settings=current())
    said = capsys.readouterr().out
    assert "something.broke" in said
    assert "Traceback" in said
    assert password not in said
    assert "locals" not in said
