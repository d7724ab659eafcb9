"""Each mistake in a service's data is told by file, line and field, with the way to mend it."""

import shutil
import time
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.entrypoints.cli import main
from madang.entrypoints.settings import HOUSE
from madang.records.catalogue import facade, store
from madang.records.catalogue.contracts import CatalogueBroken, Problem
from madang.records.catalogue.rules import checking, reading

SEOUL = HOUSE / "profiles" / "seoul"
EXTRACT = "services/administration/resident-register-extract.yaml"
TAX = "services/economy_employment/local-tax-certificate.yaml"
BADGE = "services/transportation/disability-parking-badge.yaml"
THREE = (EXTRACT, TAX, BADGE)


@cache
def few():
    """The profile with its first three services, and without what names the others or is only theirs."""
    kept = {name: text for name, text in store.files(SEOUL).items() if name in THREE or "/" not in name}
    return {**kept, "life_events.yaml": "{}", "patterns.yaml": "{}"}


@pytest.fixture(scope="module")
def seoul():
    return few()


def spoilt(files, name, old, new):
    assert old in files[name], f"{old!r} is not in {name}"
    return {**files, name: files[name].replace(old, new, 1)}


def test_the_profile_of_seoul_has_no_mistake():
    assert checking.problems(store.files(SEOUL)) == []


MISTAKES = [
    # where, what stands there, what the author wrote instead, the field that is named, words of the message and remedy
    (TAX, "fee: 800", "fee: eight hundred", "fee", "expected “int”", "whole number"),
    (TAX, "fee: 800", "fee: -5", "fee", ">= 0", "from 0 to"),
    (TAX, "fee: 800", "fees: 800", "fees", "no key that is known", "did you mean “fee”?"),
    (TAX, "assurance: substantial", "assurance: substancial", "assurance", "substancial", "did you mean “substantial”"),
    (TAX, "category: economy_employment", "category: money", "category", "money", "use one of: life, welfare_health"),
    (TAX, "archetype: document", "archetype: dokument", "archetype", "not in archetypes.yaml", "document, benefit"),
    (TAX, "department: taxation", "department: tax", "department", "not in departments.yaml", "taxation"),
    (TAX, "{law: local-tax-collection-act,", "{law: tax-act,", "law[0].law", "not in laws.yaml", "add it there"),
    (TAX, "- ask: address", "- ask: adress", "steps[0].fields[2].ask", "not in questions.yaml", "address"),
    (TAX, 'article: "5"', "article: 5", "law[0].article", "expected “str”", "quotes"),
    (TAX, "id: local-tax-certificate", "id: tax-certificate", "id", "differs from the file's name", "rename the file"),
    (TAX, "  vi: Giấy chứng nhận nộp thuế địa phương\n", "", "name", "no text in Tiếng Việt (vi)", "add “vi:”"),
    (TAX, "  vi: Giấy chứng nhận", "  vn: Giấy chứng nhận", "name.vn", "no key that is known", "vi"),
    (TAX, "en: Local tax certificate", "en: <b>Local tax</b>", "name.en", "holds '<'", "plain text"),
    (TAX, "field: paid_up", "field: paid", "evidence[1].field", "no field of local_tax", "paid_up, arrears"),
    (TAX, "register: local_tax", "register: taxes", "evidence[1].register", "no register", "local_tax"),
    (TAX, 'expect: "yes"', "expect: yes", "evidence[1].expect", "expected “str”", "quotes"),
    (TAX, 'expect: "yes"', "expect: maybe", "evidence[1].expect", "never “maybe”", "yes, no, answer:NAME"),
    (TAX, "answer:full_name", "answer:name", "evidence[0].expect", "no question of this form", "full_name"),
    (TAX, "  - name: nothing_overdue", "  - name: entry_is_yours", "evidence[1].name", "twice", "its own"),
    (TAX, "valid_days: 30", "valid_days: 0", "outcome.valid_days", ">= 1", "from 1"),
    (TAX, "keep_days: 1095", "keep_days: 0", "personal_data[0].keep_days", ">= 1", "from 1 to 36500"),
    (TAX, "{document: local-tax-certificate, valid_days: 30}", "null", "outcome", "names no document", "add"),
    (TAX, "- kind: kiosk", "- kind: fax", "offline[2].kind", "fax", "community_center"),
    (TAX, "- kind: kiosk", "- kind: phone", None, "twice", "its own"),
    (TAX, "- value: loan", "- value: stay", "steps[1].fields[0].choices[4].value", "twice", "its own"),
    (TAX, "machine: [en,", "machine: [ko, en,", "texts.machine", "Korean", "take “ko” out"),
    (TAX, "ru]}", "ru], behind: {vi: 1}}", "texts.behind.vi", "not behind source_version 1", "up to date"),
    (TAX, "fee: 800", "fee: 800\nfee: 900", "fee", "twice", "keep one"),
    (TAX, "fee: 800", "fee: [800", "", "is not YAML", "indentation"),
    (TAX, "fee: 800", "? {a: b}\n: 800", "", "is not YAML", "quotes"),
    (BADGE, "default: self", "default: me", "steps[1].fields[1].default", "not one of the answers", "value of one"),
    (BADGE, "        longest: 12\n", "        pattern: '['\n", "steps[1].fields[0].pattern", "for a question", "own"),
    (BADGE, "longest: 1000", "pattern: '['", "steps[2].fields[3].pattern", "regular expression", "mend it"),
    (BADGE, "longest: 1000", "locked: true", "steps[2].fields[3].locked", "no register answers", "add “source"),
    (BADGE, "longest: 1000", "least: 3\n        most: 2", "steps[2].fields[3].least", "more than most", "swap"),
    (BADGE, "field: plate}", "field: plates}", "steps[1].fields[0].source.field", "no field of vehicles", "plate"),
    (BADGE, "usual_minutes: 1440", "usual_minutes: 9999", "time", "longer than promised", "raise working_days"),
    (BADGE, "- name: drives", "- name: owner", "steps[1].fields[2].name", "twice", "its own"),
    (BADGE, "- name: drives", "- name: Who Drives?", "steps[1].fields[2].name", "matching regex", "[a-z]"),
    (BADGE, "        kind: choice\n        label:", "        label:", "steps[1].fields[2]", "“kind” is missing", "add"),
    (EXTRACT, "- ask: purpose\n        choices:", "- ask: purpose\n        choises:", None, "no key", "“choices”"),
    (EXTRACT, "keep_days: 1095", "keep_days: 1095\n    share: true", "personal_data[0].share", "no key", "use one of"),
    (EXTRACT, "uses_per_year: 14000000", "note: many", "", "“uses_per_year” is missing", "add"),
    ("archetypes.yaml", "assurance: low", "assurance: lo", "document.defaults.assurance", "lo", "low"),
    ("archetypes.yaml", "    fee: 0", "    fees: 0", "document.defaults.fees", "no key of a service", "fee"),
    ("archetypes.yaml", "benefit:", "benefits:", "benefits", "no key that is known", "benefit"),
    ("questions.yaml", "locked: true", "loked: true", "full_name.loked", "no key", "locked"),
    ("questions.yaml", "ru: Фамилия и имя", "de: Name", "full_name.label.de", "no key", "use one of"),
    ("departments.yaml", "  ru: Отдел местного", "  fr: Отдел местного", "local-autonomy.fr", "no key", "use one of"),
    ("laws.yaml", "year: 2023", "year: 23", "resident-registration-act.year", ">= 1948", "from 1948"),
    ("categories.yaml", "services: 234", "services: many", "life.services", "expected “int”", "whole number"),
    ("search.yaml", "  ko: [발급,", "  kr: [발급,", "fillers.kr", "no key", "ko"),
]


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: f"{mistake[0]}: {mistake[2]}")
def test_a_mistake_is_told_where_it_stands_and_how_it_is_mended(seoul, mistake):
    name, old, new, field, what, remedy = mistake
    files = spoilt(seoul, name, old, new)
    found = [problem for problem in checking.problems(files) if what in problem.what and remedy in problem.remedy]
    assert [problem.file for problem in found] == [name], checking.problems(files)
    if field is not None:
        assert found[0].field == field
        changed = seoul[name][: seoul[name].index(old)].count("\n") + 1
        assert found[0].line - changed in range(-9, 5) or not field


def test_several_mistakes_are_told_at_once_in_the_order_of_their_lines(seoul):
    files = spoilt(spoilt(seoul, TAX, "fee: 800", "fee: x"), TAX, "keep_days: 1095", "keep_days: x")
    assert [problem.field for problem in checking.problems(files)] == ["fee", "personal_data[0].keep_days"]


def test_the_line_is_the_very_line(seoul):
    (problem,) = checking.problems(spoilt(seoul, TAX, "fee: 800", "fee: x"))
    assert (SEOUL / TAX).read_text(encoding="utf-8").splitlines()[problem.line - 1] == "fee: 800"
    assert problem == Problem(TAX, problem.line, "fee", "expected “int”, got “str”", problem.remedy)


def test_what_a_shared_file_gives_is_blamed_there_and_once(seoul):
    found = checking.problems(spoilt(seoul, "archetypes.yaml", "      vi: Nếu không đồng ý", "      xx: Nếu"))
    assert {problem.file for problem in found} == {"archetypes.yaml"}


def test_a_missing_file_is_named(seoul):
    files = {name: text for name, text in seoul.items() if name != "search.yaml"}
    assert [(problem.file, problem.what) for problem in checking.problems(files)] == [("search.yaml", "is not there")]


def test_a_service_that_is_no_mapping_is_told(seoul):
    found = checking.problems({**seoul, "services/odd.yaml": "- just\n- a list\n"})
    assert [(problem.file, problem.what) for problem in found] == [("services/odd.yaml", "is not a service")]


def test_bytes_that_are_no_text_are_told_by_their_line(tmp_path):
    shutil.copytree(SEOUL, tmp_path / "city", ignore=shutil.ignore_patterns("messages", "places*"))
    file = tmp_path / "city" / TAX
    file.write_bytes(file.read_bytes().replace(b"en: Local tax certificate", b"en: Local \xff tax"))
    found = facade.problems(tmp_path / "city")
    assert [(problem.field, problem.what) for problem in found] == [("name.en", "holds '\ufffd'")]


def test_a_city_does_not_start_on_a_broken_file_and_says_where_to_look(seoul):
    with pytest.raises(CatalogueBroken, match=r"local-tax-certificate\.yaml.*fee.*madang catalogue check"):
        reading.read(spoilt(seoul, TAX, "fee: 800", "fee: x"))


def test_a_service_s_own_word_stands_above_its_archetype_s(seoul):
    badge = reading.read(seoul).services["disability-parking-badge"]
    assert (badge.time.working_days, badge.fee.amount) == (5, 0)
    assert badge.appeal == reading.read(seoul).services["local-tax-certificate"].appeal


def test_the_whole_catalogue_is_read_in_2_seconds():
    files, took = store.files(SEOUL), []
    for _ in range(3):  # on cores that do other work the same reading takes up to twice its time
        began = time.process_time()
        assert len(reading.read(files).services) > 700
        took.append(time.process_time() - began)
    assert min(took) <= 2


def test_the_command_tells_mistakes_as_lines_and_as_json_and_by_its_exit_code(tmp_path, capsys):
    shutil.copytree(SEOUL, tmp_path / "city", ignore=shutil.ignore_patterns("messages", "places*"))
    assert main(["catalogue", "check", "--profile", str(tmp_path / "city")]) == 0
    file = tmp_path / "city" / TAX
    file.write_text(file.read_text(encoding="utf-8").replace("fee: 800", "fee: x"), encoding="utf-8")
    capsys.readouterr()
    assert main(["catalogue", "check", "--profile", str(tmp_path / "city")]) == 1
    shown = f"{file}:10: fee: expected “int”, got “str” -> write a whole number, without quotes\n1 to mend\n"
    assert capsys.readouterr().out == shown
    assert main(["catalogue", "check", "--json", "--profile", str(tmp_path / "city")]) == 1
    assert '"field": "fee"' in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "code", "shown"),
    [
        ("list", 0, "₩800"),
        ("show disability-parking-badge --language ko", 0, "name: 장애인전용주차구역 주차표지 발급"),
        ("search residnt regster", 0, "Resident register extract"),
        ("search pizza", 1, ""),
        ("search --json --language ko 초본", 0, '"score": 1.0'),
    ],
)
def test_the_command_shows_what_people_see(words, code, shown, capsys):
    assert main(["catalogue", *words.split()]) == code
    assert shown in capsys.readouterr().out


JUNK = st.sampled_from(["", "~", "[]", "{}", "- x", "a: {b: c}", "yes", "12", "2024-13-45", "'", "!!x/y", "&a [*a]"])


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_whatever_an_author_breaks_is_told_and_never_breaks_the_check(data):
    files = dict(few())
    name = data.draw(st.sampled_from(sorted(files)))
    lines = files[name].splitlines()
    at = data.draw(st.integers(0, len(lines) - 1))
    key = lines[at].partition(":")[0]
    line = data.draw(st.one_of(JUNK, JUNK.map(lambda junk: f"{key}: {junk}")))
    files[name] = "\n".join([*lines[:at], line, *lines[at + 1 :]]) + "\n"
    if not checking.problems(files):
        reading.read(files)


def test_an_id_that_is_no_text_is_told(seoul):
    broken = spoilt(seoul, TAX, "id: local-tax-certificate", "id: []")
    assert [problem.field for problem in checking.problems(broken)] == ["id", "id"]
