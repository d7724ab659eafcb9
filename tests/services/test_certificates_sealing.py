"""A sealed document is accessible, valid to anyone's validator, and any change in it shows."""

import io
import stat
from contextlib import suppress
from datetime import datetime, timedelta

import pypdf
import pytest
import zxingcpp
from asn1crypto import pem, x509
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pyhanko.pdf_utils.misc import PdfReadError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.general import SigningError
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko_certvalidator import ValidationContext

from madang.kernel.clock import SEOUL
from madang.kernel.languages import Language
from madang.records.catalogue import facade as catalogue
from madang.services.certificates import facade
from madang.services.certificates.contracts import CodeMalformed, PdfUnexpected, Validity
from madang.services.certificates.rules import codes, pdf_update, sheet
from madang.services.certificates.rules.fitting import fitted
from madang.services.certificates.rules.validity import masked, validity
from madang.services.certificates.store import keys, kinds, typesetter

NOW = datetime(2026, 11, 22, 19, 0, tzinfo=SEOUL)
CODE = "K7QF3M9XW2TB8HN4R6CZ"
VALUES = {
    "full_name": "김하늘(합성)", "full_name_latin": "Kim Haneul", "birth_date": "1990-03-01", "plate": "12가 3456",
    "address": "서울특별시 마포구 성산동 합성로 212", "show_number": "yes", "residents.masked_number": "900301-2******",
    "drives": "driver",
}


def data(kind: str, language: Language = Language.VI) -> dict:
    ending = [one for one in catalogue.services() if one.outcome and one.outcome.document == kind]
    service = (ending or catalogue.services())[0]  # a kind that a pattern ends in may have no service yet
    url = f"https://city.example/verify/{CODE}"
    issue = sheet.Issue(
        "2026-K7QF-3M9F", language, VALUES, NOW, CODE, url, typesetter.qr_code(url), NOW, NOW + timedelta(days=90),
        synthetic=True,
    )
    return sheet.sheet(fitted(kinds.kind(kind), service), service, kinds.wording(), issue)


@pytest.fixture(scope="module")
def seal(tmp_path_factory):
    return keys.ensure(tmp_path_factory.mktemp("keys"), "Seoul", datetime.now(SEOUL))


@pytest.fixture(scope="module")
def sealed(seal) -> bytes:
    unsigned = typesetter.typeset("resident-register-extract", data("resident-register-extract"), NOW)
    return pdf_update.signed(unsigned, keys.signer(seal), datetime.now(SEOUL))


def check(pdf: bytes, seal) -> bool:
    _, _, authority = pem.unarmor((seal / "authority.pem").read_bytes())
    context = ValidationContext(trust_roots=[x509.Certificate.load(authority)], allow_fetching=False)
    [signature] = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    found = validate_pdf_signature(signature, context)
    return found.bottom_line and found.coverage.name == "ENTIRE_FILE"


def test_another_validator_finds_the_seal_valid_over_the_whole_file(sealed, seal):
    assert check(sealed, seal)
    [signature] = PdfFileReader(io.BytesIO(sealed)).embedded_signatures
    assert signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    assert signature.docmdp_level.value == 1


def test_any_changed_byte_shows(sealed, seal):
    for part in (b"/Lang(ko-KR)", b"/MediaBox[0 0 595", b"/verify/K7QF", b"/M(D:20"):
        at = sealed.index(part) + len(part) - 1
        broken = bytearray(sealed)
        broken[at] ^= 1
        with suppress(PdfReadError, SignatureValidationError, SigningError):  # refused at the door: as good
            assert not check(bytes(broken), seal)


def test_something_added_after_the_seal_shows(sealed, seal):
    assert not check(sealed + b"\n1 0 obj\n<<>>\nendobj\n", seal)


@pytest.mark.parametrize("kind", ["resident-register-extract", "local-tax-certificate", "disability-parking-badge"])
def test_every_kind_is_one_tagged_sheet_in_every_language(kind, seal):
    for language in Language:
        pdf = typesetter.typeset(kind, data(kind, language), NOW)
        read = pypdf.PdfReader(io.BytesIO(pdf_update.signed(pdf, keys.signer(seal), NOW)))
        assert len(read.pages) == 1
        assert read.trailer["/Root"]["/MarkInfo"]["/Marked"]
        metadata = read.trailer["/Root"]["/Metadata"].get_data()
        assert b"<pdfuaid:part>1<" in metadata
        assert b"<pdfaid:part>2<" in metadata
        text = read.pages[0].extract_text()
        assert "김하늘" in text
        assert codes.grouped(CODE) in text
        assert "합성된 인물" in text


def test_no_letter_is_missing_in_any_language():
    for kind in kinds.kinds():
        for language in Language:
            pdf = pypdf.PdfReader(io.BytesIO(typesetter.typeset(kind, data(kind, language), NOW)))
            fonts = pdf.pages[0]["/Resources"]["/Font"]
            assert not any("LastResort" in str(font.get_object()["/BaseFont"]) for font in fonts.values())
            assert "\ufffd" not in pdf.pages[0].extract_text()


@pytest.mark.parametrize(
    "typed", ["🏦 은행", "مصرف", "\x00\x01x", '#{sys} $x$ \\ *a* "', "\ue000", "가" * 80, "a" * 80]
)
def test_whatever_a_resident_typed_costs_them_no_document(typed):
    sheet_ = data("resident-register-extract")
    sheet_["rows"].append({"label": {"ko": "제출처", "other": ""}, "value": {"ko": typed, "other": typed}})
    pdf = pypdf.PdfReader(io.BytesIO(typesetter.typeset("resident-register-extract", sheet_, NOW)))
    assert len(pdf.pages) == 1
    assert "김하늘" in pdf.pages[0].extract_text()


def test_a_phone_reads_the_code_from_a_printed_sheet():
    printed = typesetter.picture("resident-register-extract", data("resident-register-extract"), 100)
    [read] = zxingcpp.read_barcodes(Image.open(io.BytesIO(printed)))
    assert read.text == f"https://city.example/verify/{CODE}"


def test_the_keys_are_made_once_and_only_their_owner_reads_them(tmp_path):
    folder = keys.ensure(tmp_path, "Seoul", NOW)
    before = (folder / "seal.key").read_bytes()
    assert keys.ensure(tmp_path, "Seoul", NOW) == folder
    assert (folder / "seal.key").read_bytes() == before
    for secret in ("seal.key", "authority.key"):
        assert stat.S_IMODE((folder / secret).stat().st_mode) == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["seal"]


@pytest.mark.parametrize("strange", [
    b"", b"%PDF-1.7", b"#!/bin/sh\necho hello", b"%PDF-1.7\ntrailer\n<<>>\nstartxref\n5\n%%EOF",
    b"%PDF-1.7\ntrailer\n<</Size 3/Root 1 0 R>>\nstartxref\n3\n%%EOF",
])
def test_a_pdf_of_another_making_is_refused_with_what_is_wrong(strange, seal):
    with pytest.raises(PdfUnexpected):
        pdf_update.signed(strange, keys.signer(seal), NOW)


@given(st.binary(min_size=13, max_size=20))
def test_a_code_comes_back_from_how_people_type_it(random):
    code = codes.code_from(random)
    assert codes.read_code(f" {codes.grouped(code).lower().replace('0', 'o').replace('1', 'l')} ") == code


@given(st.text(max_size=100))
def test_whatever_is_typed_is_a_code_or_says_what_a_code_is(given_text):
    with suppress(CodeMalformed):
        assert len(codes.read_code(given_text)) == codes.LETTERS


@given(st.integers(-5, 5), st.none() | st.integers(-5, 5))
def test_a_document_holds_until_it_expires_or_is_revoked(expires, revoked):
    at = validity(NOW + timedelta(days=expires), None if revoked is None else NOW + timedelta(days=revoked), NOW)
    if revoked is not None and revoked <= 0:
        assert at is Validity.REVOKED
    else:
        assert at is (Validity.VALID if expires > 0 else Validity.EXPIRED)


@pytest.mark.parametrize(("name", "shown"), [
    ("김하늘(합성)", "김*늘 (합성)"), ("남궁민수", "남**수"), ("이산", "이*"), ("Kim Haneul", "K** H*****"), ("", ""),
])
def test_a_verifier_sees_only_the_edges_of_a_name(name, shown):
    assert masked(name) == shown


def test_all_services_end_in_a_document_that_the_profile_has():
    assert set(facade.check_kinds()) >= {"resident-register-extract", "local-tax-certificate"}
