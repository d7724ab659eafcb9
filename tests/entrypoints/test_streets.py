"""The demonstration's street comes back after whatever stopped it."""

import threading

from madang.entrypoints import streets


def test_a_street_that_fails_is_played_again_and_told_once(monkeypatch):
    stop, played, told = threading.Event(), [], []

    def play(_settings, _stop):
        played.append(1)
        if len(played) == 3:
            stop.set()
            return
        raise ConnectionError

    monkeypatch.setattr(streets, "_AFTER_S", 0.0)
    monkeypatch.setattr(streets, "_AGAIN_AFTER_S", 0.01)
    monkeypatch.setattr(streets, "_play", play)
    monkeypatch.setattr(streets.log, "exception", lambda event, **_: told.append(event))
    streets._run(None, stop)
    assert len(played) == 3
    assert told == ["street.stopped"]
