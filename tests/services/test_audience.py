"""Residents with an account come into the audience of broadcasts, by the district that the register says."""

from madang.commons.audit import facade as audit
from madang.commons.identity import facade as identity
from madang.commons.identity.contracts import NewAccount
from madang.commons.notify.models import ContactRow, ReachRow
from madang.entrypoints import audience
from madang.kernel import clock
from madang.kernel.actors import Actor, ActorKind
from madang.kernel.ids import ResidentId, new_id
from madang.kernel.languages import Language
from madang.records.places import facade as places
from tests.commons.identity.people import OPERATOR, PASSWORD


def test_district_and_language_are_taken_over_no_address_is_and_the_resident_reads_it(lasting_residents):
    now = clock.now()
    who = lasting_residents["in_order"]
    known = NewAccount("one@seoul.example", PASSWORD, "resident", resident=who, language=Language.VI)
    stranger = NewAccount("two@seoul.example", PASSWORD, "resident", resident=ResidentId(new_id()))
    for new in (known, stranger, NewAccount("officer@seoul.example", PASSWORD, "officer", department="행정국")):
        identity.make_account(OPERATOR, new, now)
    assert audience.take_over_account_holders(now) == 2
    row = ReachRow.objects.get(resident=who)
    assert (row.language, row.by_account) == ("vi", True)
    assert row.district in {district.code for district in places.districts()}
    assert ReachRow.objects.get(resident=stranger.resident).district == "", "whom no register knows is warned citywide"
    assert not ContactRow.objects.exists()
    reader = Actor(ActorKind.RESIDENT, "resident", subject=who)
    assert "Reaching you in an emergency" in {one.purpose for one in audit.accesses_of(reader)}
    assert audience.take_over_account_holders(now) == 2, "again, it is the same"
    assert ReachRow.objects.count() == 2
