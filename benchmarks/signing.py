"""A signed document: what typesetting and sealing cost, beside pyHanko's own signer on the same sheet.

CPU time of one thread, in milliseconds a document; the sheet is a resident register extract in Korean and Vietnamese,
the key ECDSA P-256 in a file. ``peer_sign_ms`` is pyHanko signing the same PDF, PAdES B-B, its keys read once.
Every figure is of documents that pyHanko's validator found valid.
"""

import io
import os
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

_number = count(1)
_KIND = "resident-register-extract"
_VALUES = {
    "full_name": "김가람(합성)", "full_name_latin": "Kim Garam", "birth_date": "1990-03-01", "purpose": "finance",
    "address": "서울특별시 마포구 성산동 합성로 212", "show_moved_in": "yes", "households.moved_in": "2019-08-12",
    "recipient": "한빛은행",
}


def measure(*, quick: bool) -> dict[str, Any]:
    """Milliseconds a document for each part, and documents a second of one core."""
    times = 40 if quick else 200
    with tempfile.TemporaryDirectory(prefix="madang-bench-") as folder:
        os.environ |= {"MADANG_INSTANCE": folder, "DJANGO_SETTINGS_MODULE": "madang.entrypoints.django_settings"}
        import django

        django.setup()
        return documents(Path(folder), times)


def documents(folder: Path, times: int) -> dict[str, Any]:
    """The figures of ``measure``, with keys made in ``folder``; Django must be set up."""
    from madang.kernel import clock
    from madang.services.certificates.rules import pdf_update
    from madang.services.certificates.store import keys, typesetter

    now = clock.now()
    seal = keys.ensure(folder / "keys", "Seoul", now)
    signer = keys.signer(seal)
    pdf = typesetter.typeset(_KIND, _sheet(), now)
    signed = pdf_update.signed(pdf, signer, now)
    _require_valid(signed, seal)
    sheet = _milliseconds(_sheet, times)
    typeset = _milliseconds(lambda: typesetter.typeset(_KIND, _sheet(), now), times) - sheet
    seal_ms = _milliseconds(lambda: pdf_update.signed(pdf, signer, now), times)
    return {
        "sheet_ms": round(sheet, 2), "typst_ms": round(typeset, 2), "sign_ms": round(seal_ms, 2),
        "documents_per_core_s": round(1000 / (sheet + typeset + seal_ms), 1),
        "peer_sign_ms": round(_milliseconds(_peer(pdf, seal), max(times // 5, 10)), 2),
        "bytes": len(signed),
    }


def _sheet() -> Mapping[str, Any]:
    from madang.kernel import clock
    from madang.kernel.languages import Language
    from madang.records.catalogue import facade as catalogue
    from madang.services.certificates.rules import codes, sheet
    from madang.services.certificates.store import kinds, typesetter

    # every sheet is another one: the typesetter keeps what it has set before
    now, code, who = clock.now(), codes.code_from(os.urandom(16)), next(_number)
    url = f"https://localhost:8443/verify/{code}"
    values = _VALUES | {"full_name": f"김가람{who}(합성)", "address": f"서울특별시 마포구 성산동 합성로 {who}"}
    issue = sheet.Issue(
        f"2026-K7QF-{who:04}", Language.VI, values, now, code, url, typesetter.qr_code(url), now,
        now + timedelta(days=90), synthetic=True,
    )
    return sheet.sheet(kinds.kind(_KIND), catalogue.service(_KIND), kinds.wording(), issue)


def _peer(pdf: bytes, seal: Path) -> Callable[[], object]:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import fields, signers

    signer = signers.SimpleSigner.load(
        str(seal / "seal.key"), str(seal / "seal.pem"), ca_chain_files=(str(seal / "authority.pem"),)
    )
    how = signers.PdfSignatureMetadata("Seal", subfilter=fields.SigSeedSubFilter.PADES, md_algorithm="sha256")
    writer = signers.PdfSigner(how, signer, new_field_spec=fields.SigFieldSpec("Seal"))
    return lambda: writer.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), in_place=True)


def _require_valid(signed: bytes, seal: Path) -> None:
    from asn1crypto import pem, x509
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    _, _, authority = pem.unarmor((seal / "authority.pem").read_bytes())
    context = ValidationContext(trust_roots=[x509.Certificate.load(authority)], allow_fetching=False)
    [signature] = PdfFileReader(io.BytesIO(signed)).embedded_signatures
    if not validate_pdf_signature(signature, context).bottom_line:
        message = "the signature is not valid: nothing is measured"
        raise RuntimeError(message)


def _milliseconds(work: Callable[[], object], times: int) -> float:
    work()
    began = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - began) / times * 1000
