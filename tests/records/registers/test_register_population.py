"""Synthetic residents: the same for the same seed, marked as synthetic, in the city's proportions."""

import re
from collections import Counter
from uuid import UUID

import msgspec
import numpy as np
import pytest
from django.db import connection

from madang.entrypoints import cli
from madang.kernel.languages import Language
from madang.records.places import facade as places
from madang.records.registers import facade
from madang.records.registers.contracts import Register
from madang.records.registers.facade import population
from madang.records.registers.rules.ids import resident_id, resident_ids
from madang.records.registers.store import profile

MANY = 20_000


@pytest.fixture(scope="module")
def city(django_db_setup, django_db_blocker):
    """A population that the tests of this file only read."""
    with django_db_blocker.unblock():
        made = population.make(MANY, seed=7)
        yield made
        population.make(0)


def _rows(query: str, *facts: object) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(query, facts)
        return cursor.fetchall()


def test_ids_are_version_8_and_the_same_one_by_one():
    ids = [UUID(bytes=row.tobytes()) for row in resident_ids(3, np.arange(500, dtype=np.uint64))]
    assert ids == [resident_id(3, number) for number in range(500)]
    assert ids == sorted(ids)
    assert {(one.version, one.variant) for one in ids} == {(8, "specified in RFC 4122")}
    assert not set(ids) & {resident_id(4, number) for number in range(500)}


def test_the_same_seed_makes_the_same_people_and_fewer_are_the_first_of_more(db, city):
    query = """SELECT r.resident, r.name_ko, r.birth_date, h.address, v.plate, t.arrears FROM registers_residents r
        JOIN registers_households h USING (resident) LEFT JOIN registers_vehicles v USING (resident)
        LEFT JOIN registers_local_tax t USING (resident) ORDER BY r.resident LIMIT 900"""
    many = _rows(query)
    population.make(900, seed=7)
    assert _rows(query) == many
    assert _rows("SELECT count(*) FROM registers_residents") == [(900,)]
    population.make(900, seed=8)
    again = _rows(query)
    assert again != many
    demo = len(population.demo_residents())
    assert again[:demo] == many[:demo]


def test_everybody_is_marked_as_synthetic_and_no_number_is_real(db, city):
    assert city.residents == MANY == _rows("SELECT count(*) FROM registers_residents")[0][0]
    said = _rows("SELECT name_ko, name_en, masked_number, phone FROM registers_residents")
    for name_ko, name_en, number, phone in said:
        assert name_ko.endswith("(합성)")
        assert name_en.endswith("(synthetic)")
        assert re.fullmatch(r"\d{6}-\*{7}", number)
        assert re.fullmatch(r"010-0000-\d{4}", phone)
    assert all(re.match(r"000?[가-힣]\d{4}$", plate) for (plate,) in _rows("SELECT plate FROM registers_vehicles"))
    numbers = _rows("SELECT registration_number FROM registers_businesses")
    assert all(number.startswith("000-") for (number,) in numbers)


def test_districts_ages_and_foreigners_stand_in_their_proportions(db, city):
    shares = profile.shares()
    names = {one.code: one.name.into(Language.KO) for one in places.districts()}
    lives = dict(_rows("SELECT district, count(*) FROM registers_households GROUP BY 1"))
    whole = sum(shares.districts.share.values())
    for code, share in shares.districts.share.items():
        assert lives[names[code]] / MANY == pytest.approx(share / whole, abs=0.008)
    foreign = _rows("SELECT count(*) FROM registers_residents WHERE nationality <> 'KR'")[0][0] / MANY
    assert foreign == pytest.approx(shares.foreigners.share, abs=0.008)
    old = _rows("SELECT count(*) FROM registers_residents WHERE birth_date < '1961-01-01'")[0][0] / MANY
    assert old == pytest.approx(0.20, abs=0.015)


def test_households_hold_together(db, city):
    rows = _rows("""SELECT h.head_name, h.address, h.members, h.relation, h.moved_in, r.birth_date, r.name_ko
        FROM registers_households h JOIN registers_residents r USING (resident) ORDER BY resident OFFSET 6""")
    heads = 0
    for head_name, _, _, relation, moved_in, birth, name in rows:
        assert moved_in >= birth
        assert (relation == "head") <= (head_name == name)
        heads += relation == "head"
    sizes = Counter(members for *_, members, relation, _, _, _ in rows if relation == "head")
    assert sizes[1] / heads == pytest.approx(0.393, abs=0.02)
    youngest_head = max(birth for *_, relation, _, birth, _ in rows if relation == "head")
    assert youngest_head.year <= 2007


def test_children_carry_the_family_name_of_a_korean_head(db, city):
    rows = _rows("""SELECT r.name_ko, h.head_name
        FROM registers_households h JOIN registers_residents r USING (resident)
        WHERE relation = 'child' AND nationality = 'KR' LIMIT 500""")
    assert len(rows) == 500
    assert all(child[0] == head[0] for child, head in rows)


def test_the_demonstration_has_its_residents(transactional_db):
    population.make(0)
    said = {one.key: one for one in population.demo_residents()}
    assert [*said][:5] == ["in_order", "vietnamese", "arrears", "walking_impaired", "incomplete"]

    def held(key, register, *fields):
        answer = facade.answer_as_register(register, said[key].id, list(fields))
        return answer and msgspec.json.decode(answer)["fields"]

    assert held("in_order", Register.LOCAL_TAX, "paid_up", "arrears") == {"paid_up": "yes", "arrears": "0"}
    assert held("vietnamese", Register.RESIDENTS, "nationality", "language") == {"nationality": "VN", "language": "vi"}
    assert held("arrears", Register.LOCAL_TAX, "paid_up") == {"paid_up": "no"}
    assert held("walking_impaired", Register.DISABILITY, "severity", "walking_impaired") == {
        "severity": "severe", "walking_impaired": "yes",
    }
    assert held("walking_impaired", Register.VEHICLES, "plate") == {"plate": "00다1004"}
    assert held("incomplete", Register.HOUSEHOLDS, "address") == {}
    assert held("in_order", Register.DISABILITY, "registered") is None


def test_every_demo_entry_and_dong_is_known_to_the_profile():
    registers = profile.registers()
    dongs = {(places.district(dong.district).code, dong.name_ko) for dong in places.dongs()}
    for said in profile.shares().demo.values():
        for register in Register:
            assert set(said.entry(register) or {}) <= set(registers[register].fields)
        assert (places.district(said.households["district"]).code, said.households["dong"]) in dongs


def test_every_label_is_there_in_eight_languages():
    for info in profile.registers().values():
        texts = [info.name, info.owner]
        for field in info.fields.values():
            texts += [field.label, *field.choices.values()]
        assert all(len(text.by_language) == 8 and all(text.by_language.values()) for text in texts)


def test_cutting_and_mending_a_register_from_the_command_line(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("MADANG_INSTANCE", str(tmp_path))
    assert cli.main(["registers", "cut", "vehicles", "--how", "hang"]) == 0
    fault = tmp_path / "outside" / "faults" / "vehicles"
    assert fault.read_text() == "hang"
    assert cli.main(["registers", "mend", "vehicles", "--json"]) == 0
    assert not fault.exists()
    assert cli.main(["registers", "cut", "weather"]) == 2
    assert "there are residents, households" in capsys.readouterr().err
