"""An approved case ends in one signed document, whoever dies on the way; and anyone can check it."""

import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import a_city
import pypdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test import Client

from madang.commons.audit import facade as audit
from madang.commons.db.transactions import transaction
from madang.commons.events import store as outbox
from madang.commons.notify import facade as notify
from madang.kernel import clock
from madang.kernel.errors import NotPermitted, SignInNeeded
from madang.kernel.ids import new_id
from madang.kernel.languages import Language
from madang.records.registers.contracts import RegisterUnavailable
from madang.services.applications import facade as applications
from madang.services.applications.contracts import Standing
from madang.services.certificates import facade
from madang.services.certificates.contracts import (
    CaseNotApproved,
    CertificateUnknown,
    FileNotOurs,
    FileTooLarge,
    Permission,
    Validity,
)
from madang.services.certificates.models import CertificateRow
from madang.services.certificates.rules import codes
from madang.services.certificates.store import rows

NOW = clock.now()


def holder(who):
    actor = a_city.resident(who)
    return replace(actor, permissions=actor.permissions | {Permission.SEE_OWN})


def sent(who, language=Language.VI, **more: str):
    actor = a_city.resident(who)
    return applications.apply(actor, "resident-register-extract", {"purpose": "finance", **more}, language, NOW)


def approved(who, language=Language.VI, **more: str):
    case = sent(who, language, **more)
    return applications.approve(a_city.REVIEWER, case.id, [], NOW, automatic=True)


@pytest.fixture
def garam(residents):
    return residents["in_order"]


@pytest.fixture
def issued(garam):
    case = approved(garam, show_number="yes", recipient="🏦 한빛은행")
    return facade.certificate(holder(garam), facade.issue(case.id, NOW))


class TestIssue:
    def test_the_case_is_complete_and_the_resident_told_in_their_language(self, garam, issued):
        case = applications.case(a_city.MAKER, issued.case)
        assert (case.standing, case.document) == (Standing.COMPLETED, issued.id)
        assert "certificates.issued" in [envelope.topic for envelope in outbox.lock_waiting(100)]
        told = next(one for one in notify.inbox(holder(garam)) if one.template == "document_ready")
        assert case.number in told.body
        assert "certificates.issue" in {access.action for access in audit.accesses_of(holder(garam))}

    def test_it_says_what_the_resident_asked_to_show_and_nothing_else(self, garam, issued):
        assert issued.language is Language.VI
        assert issued.facts["full_name"] == "김가람(합성)"
        assert "residents.masked_number" in issued.facts
        assert "households.head_name" not in issued.facts
        text = pypdf.PdfReader(io.BytesIO(facade.download(holder(garam), issued.id))).pages[0].extract_text()
        assert "김가람(합성)" in text
        assert issued.facts["residents.masked_number"] in text
        assert "đăng ký cư trú" in text  # the extractor takes other accents apart
        assert codes.grouped(issued.code) in text

    def test_asked_again_it_is_the_same_document(self, issued):
        assert facade.issue(issued.case, NOW) == issued.id
        assert CertificateRow.objects.count() == 1

    def test_a_document_asked_for_in_english_is_in_english(self, garam):
        case = approved(garam, Language.VI, document_language="en")
        assert facade.certificate(holder(garam), facade.issue(case.id, NOW)).language is Language.EN

    def test_there_is_none_for_a_case_that_is_not_approved(self, garam):
        with pytest.raises(CaseNotApproved):
            facade.issue(sent(garam).id, NOW)

    def test_while_a_register_is_silent_nothing_is_made(self, garam, cut):
        case = approved(garam, show_number="yes")
        cut("residents")
        with pytest.raises(RegisterUnavailable):
            facade.issue(case.id, NOW)
        assert applications.case(a_city.MAKER, case.id).standing is Standing.APPROVED
        cut()
        assert facade.issue(case.id, NOW)

    def test_a_worker_that_dies_before_the_end_leaves_nothing(self, garam, monkeypatch):
        case = approved(garam)

        def die(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(notify, "tell", die)
        with pytest.raises(KeyboardInterrupt):
            facade.issue(case.id, NOW)
        monkeypatch.undo()
        assert not CertificateRow.objects.exists()
        assert applications.case(a_city.MAKER, case.id).standing is Standing.APPROVED
        assert facade.issue(case.id, NOW)


def test_of_eight_workers_at_once_one_issues(lasting_residents):
    case = approved(lasting_residents["in_order"])

    def work(_: int):
        try:
            return facade.issue(case.id, NOW)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as workers:
        made = set(workers.map(work, range(8)))
    assert len(made) == 1
    assert CertificateRow.objects.count() == 1
    with transaction():
        topics = [envelope.topic for envelope in outbox.lock_waiting(100)]
    assert topics.count("certificates.issued") == 1


class TestHolding:
    def test_somebody_elses_document_is_not_there(self, residents, issued):
        other = holder(next(one for key, one in residents.items() if key != "in_order"))
        for ask in (facade.certificate, facade.download):
            with pytest.raises(CertificateUnknown):
                ask(other, issued.id)
        assert not facade.mine(other)

    def test_a_list_goes_on_where_it_stopped(self, garam, issued):
        assert [one.id for one in facade.mine(holder(garam))] == [issued.id]
        assert not facade.mine(holder(garam), before=issued.issued)

    def test_only_who_may_revokes_and_the_first_time_counts(self, garam, issued):
        with pytest.raises(NotPermitted):
            facade.revoke(holder(garam), issued.id, "wrong address", NOW)
        lead = a_city.officer("lead", a_city.DISABILITY_DESK, Permission.REVOKE)
        facade.revoke(lead, issued.id, "wrong address", NOW)
        facade.revoke(lead, issued.id, "again", NOW + timedelta(days=1))
        found = facade.verify(issued.code, NOW + timedelta(days=2))
        assert (found.validity, found.revoked) == (Validity.REVOKED, NOW)

    def test_what_is_erased_says_nothing_of_its_holder(self, garam, issued):
        facade.forget(issued.case)
        assert facade.verify(issued.code, NOW).masked_name == ""
        assert not facade.certificate(holder(garam), issued.id).facts
        with pytest.raises(CertificateUnknown):
            facade.download(holder(garam), issued.id)


class TestVerify:
    def test_by_code_one_question_to_the_database_answers(self, issued, django_assert_num_queries):
        with django_assert_num_queries(1):
            found = facade.verify(codes.grouped(issued.code).lower(), NOW)
        assert found.validity is Validity.VALID
        assert found.masked_name == "김*람 (합성)"

    def test_after_its_days_it_has_expired(self, issued):
        assert facade.verify(issued.code, issued.expires).validity is Validity.EXPIRED

    def test_the_file_itself_is_known_and_a_changed_one_is_told_apart(self, garam, issued):
        pdf = facade.download(holder(garam), issued.id)
        assert facade.verify_file(pdf, NOW).validity is Validity.VALID
        changed = pdf.replace(b"/Lang(ko-KR)", b"/Lang(ko-KP)", 1)
        assert facade.verify_file(changed, NOW).validity is Validity.ALTERED
        assert facade.verify_file(pdf + b"\n", NOW).validity is Validity.ALTERED

    @pytest.mark.parametrize("content", [
        b"", b"\x00" * 1000, b"#!/bin/sh\nrm -rf /", b"MZ\x90\x00", b"<script>alert(1)</script>",
        b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj",
        b"%PDF-1.7 /verify/00000000000000000000)", b"PK\x03\x04" + b"\xff" * 100,
    ])
    def test_anything_else_is_not_ours(self, db, content):
        with pytest.raises(FileNotOurs):
            facade.verify_file(content, NOW)

    def test_a_huge_file_is_not_looked_at(self, db):
        with pytest.raises(FileTooLarge):
            facade.verify_file(b"%PDF-" + b"0" * facade.LARGEST_FILE, NOW)


class TestPages:
    def test_the_qr_code_leads_to_a_page_in_the_readers_language(self, issued):
        page = Client().get(f"/verify/{issued.code}", headers={"Accept-Language": "vi"}).content.decode()
        assert "Giấy tờ này là thật và còn hiệu lực" in page
        assert "김*람" in page
        assert "김가람" not in page

    def test_a_code_is_found_however_it_is_typed(self, issued):
        page = Client().get("/verify/", {"code": codes.grouped(issued.code).lower()})
        assert page.status_code == 200
        assert "진본이며 유효한 문서입니다" in page.content.decode()

    @pytest.mark.parametrize(("code", "status"), [("0" * 20, 404), ("what", 400), ("<b>'--", 400)])
    def test_what_is_no_code_is_asked_for_again_beside_the_field(self, db, code, status):
        page = Client().get("/verify/", {"code": code})
        assert page.status_code == status
        assert 'aria-invalid="true"' in page.content.decode()
        assert "<b>'--" not in page.content.decode()

    def test_a_file_is_checked(self, garam, issued):
        pdf = facade.download(holder(garam), issued.id)
        cases = ((pdf, "진본이며"), (pdf + b"x", "서명한 뒤에 바뀐"), (b"#!/bin/sh", "발급한 파일이 아닙니다"))
        for content, says in cases:
            page = Client().post("/verify/", {"file": SimpleUploadedFile("a.pdf", content)})
            assert says in page.content.decode()

    def test_the_authority_is_there_for_anyone_before_anything_was_issued(self, db, tmp_path, settings):
        settings.MADANG_INSTANCE = tmp_path
        assert Client().get("/verify/authority.pem").content.startswith(b"-----BEGIN CERTIFICATE-----")

    def test_a_document_opens_for_nobody_who_has_not_signed_in(self, issued):
        assert Client().get(f"/documents/{issued.id}.pdf").status_code in {302, 303, 401, 403}
        assert Client().get(f"/api/v1/documents/{issued.id}/pdf").status_code == 401


class TestApi:
    def test_a_verification(self, issued):
        answer = Client().get(f"/api/v1/verifications/{issued.code}", headers={"Accept-Language": "en"})
        assert answer.json()["validity"] == "valid"
        assert answer.json()["title"] == "Resident register extract"
        assert "resident" not in answer.json()

    def test_what_is_no_code_or_unknown(self, db):
        assert Client().get("/api/v1/verifications/xyz").status_code in {400, 422}
        assert Client().get(f"/api/v1/verifications/{'0' * 20}").status_code == 404


def test_nobody_downloads_without_signing_in(db):
    from madang.kernel.actors import VISITOR

    with pytest.raises(SignInNeeded):
        facade.download(VISITOR, new_id())


def test_the_database_refuses_a_second_document_for_a_case(issued):
    from django.db import IntegrityError

    with pytest.raises(IntegrityError):
        rows.add(replace(issued, id=new_id(), code="0" * 20, sha256="0"), "x", b"%PDF-")
