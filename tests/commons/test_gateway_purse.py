"""What a policy process holds ahead is there after it, once, and nobody else's meanwhile."""

from datetime import date

import pytest

from madang.commons.gateway.policy.purse import SLOTS, Purse
from madang.kernel.ids import new_id

DAY = date(2026, 11, 23)


def test_what_was_left_is_told_to_the_next_process_once(tmp_path):
    partner, other, file = new_id(), new_id(), tmp_path / "purse"
    before = Purse(file)
    slot, spent = before.take_slot(partner, DAY, 20), before.take_slot(other, DAY, 5)
    before.set(slot, 13)
    before.set(spent, 0)
    before.close()
    after = Purse(file)
    assert list(after.leftovers()) == [(partner, DAY, 13)]
    assert list(after.leftovers()) == []
    after.close()


def test_a_slot_that_was_emptied_is_somebody_elses(tmp_path):
    purse = Purse(tmp_path / "purse")
    slots = [purse.take_slot(new_id(), DAY, 1) for _ in range(SLOTS)]
    assert purse.take_slot(new_id(), DAY, 1) is None
    purse.free(slots[7])
    assert purse.take_slot(new_id(), DAY, 2) == slots[7]
    purse.close()


def test_one_process_at_a_time(tmp_path):
    first = Purse(tmp_path / "purse")
    with pytest.raises(BlockingIOError):
        Purse(tmp_path / "purse")
    first.close()
