"""Messages are data in eight languages, and are written so that nothing breaks out of its place."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from madang.commons.notify import profile
from madang.commons.notify.contracts import FactKind, FactsWrong, Template, TemplateWrong
from madang.commons.notify.room import ROOM
from madang.commons.notify.rules import writing as rules
from madang.kernel import clock
from madang.kernel.languages import Language, Text

TEMPLATES = {
    "case_received", "case_waits_for_register", "case_with_officer", "case_approved", "case_refused",
    "document_ready", "fee_due", "payment_received", "contact_bounced", "account_recovered", "case_asked",
    "case_asked_reminder", "case_delayed", "appeal_decided", "appeal_received",
    "bill_raised", "bill_due_soon", "bill_overdue", "bill_paid",
    "booking_offered", "booking_ended", "signature_invited", "signature_answered",
}
PATIENCE = rules.Patience((5, 30, 120), timedelta(days=5), timedelta(seconds=120))


def one(text: str, kind: FactKind = FactKind.TEXT) -> Template:
    texts = Text(dict.fromkeys(Language, text))
    return Template("one", {"fact": kind}, texts, texts)


def test_seoul_has_its_messages_and_each_tells_where_to_ask():
    assert set(profile.templates(settings.MADANG_PROFILE)) == TEMPLATES
    for language in Language:
        assert "120" in profile.read_voice(settings.MADANG_PROFILE).reach.into(language)


def test_how_long_messages_are_kept_is_what_the_manifest_declares():
    assert profile.read_voice(settings.MADANG_PROFILE).keep == ROOM.personal_data[0].keep


@pytest.mark.parametrize(("kind", "given_fact", "language", "said"), [
    (FactKind.WON, "12000", Language.KO, "12,000원"),
    (FactKind.WON, "12000", Language.RU, "₩12,000"),
    (FactKind.DATE, "2026-11-25", Language.KO, "2026년 11월 25일"),
    (FactKind.DATE, "2026-11-25", Language.ZH, "2026年11月25日"),
    (FactKind.DATE, "2026-11-25", Language.EN, "November 25, 2026"),
    (FactKind.DATE, "2026-11-25T23:30:00+00:00", Language.KO, "2026년 11월 26일"),
    (FactKind.TEXT, "<b>{fact}\r\nBcc: all\u202e", Language.EN, "<b>{fact} Bcc: all"),
])
def test_a_fact_is_written_in_the_readers_language(kind, given_fact, language, said):
    template = one("{fact}", kind)
    assert rules.write(template.body, template, {"fact": given_fact}, language) == said


def test_a_text_fact_follows_the_reader():
    template, name = one("{fact}"), Text({Language.KO: "주민등록초본", Language.EN: "Register extract"})
    assert rules.write(template.body, template, {"fact": name}, Language.EN) == "Register extract"
    assert rules.write(template.body, template, {"fact": name}, Language.KO) == "주민등록초본"


@pytest.mark.parametrize(("kind", "facts"), [
    (FactKind.TEXT, {}), (FactKind.TEXT, {"fact": ""}), (FactKind.WON, {"fact": "8.5"}),
    (FactKind.DATE, {"fact": "tomorrow"}), (FactKind.DATE, {"fact": "2026-11-25T23:30:00"}),
])
def test_a_callers_mistake_names_the_template_and_the_fact(kind, facts):
    template = one("{fact}", kind)
    with pytest.raises(FactsWrong, match=r"one.*'fact'"):
        rules.write(template.body, template, facts, Language.KO)


@given(st.text(min_size=1, max_size=1000))
def test_no_fact_can_add_a_line_or_grow_without_end(text):
    written = rules.one_line(text)
    assert not set(written) & set("\r\n\x00\u2028\u2029\u202e")
    assert len(written) <= rules.LONGEST_FACT


def write_template(folder: Path, body: dict[str, str]) -> None:
    (folder / "messages").mkdir()
    subject = ", ".join(f'{language}: "S {{fact}}"' for language in Language)
    texts = ", ".join(f'{language}: "{text}"' for language, text in body.items())
    (folder / "messages" / "odd.yaml").write_text(
        f"placeholders: {{fact: text}}\nsubject: {{{subject}}}\nbody: {{{texts}}}\n", encoding="utf-8"
    )


@pytest.mark.parametrize(("language", "text", "complaint"), [
    ("vi", "{facts}", "odd.yaml: vi: names"),
    ("mn", "", "odd.yaml: mn: the subject or the body is missing"),
    ("th", "{fact!r}", "plain placeholder"),
    ("ru", "{fact.__class__}", "plain placeholder"),
    ("ja", "{fact", "odd.yaml"),
])
def test_a_broken_template_is_refused_whole(tmp_path, language, text, complaint):
    write_template(tmp_path, {**dict.fromkeys(Language, "B {fact}"), language: text})
    with pytest.raises(TemplateWrong, match=complaint):
        profile.templates(tmp_path)


def test_a_template_that_lacks_a_language_is_refused(tmp_path):
    write_template(tmp_path, {language: "B {fact}" for language in Language if language is not Language.TH})
    with pytest.raises(TemplateWrong, match="th"):
        profile.templates(tmp_path)


@given(st.integers(1, 300), st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=10)))
def test_a_failed_letter_waits_longer_and_is_given_up_after_five_days(attempts, passed):
    told = clock.now()
    again = rules.next_try(PATIENCE, attempts, told, told + passed)
    if again is None:
        assert passed + timedelta(seconds=120) > timedelta(days=5)
    else:
        assert again - (told + passed) == timedelta(seconds=(5, 30, 120)[min(attempts, 3) - 1])
        assert again <= told + timedelta(days=5)
