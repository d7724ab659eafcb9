"""A PDF with room for a signature: one incremental update (ISO 32000-1, 2008, sections 7.5.6 and 12.8).

The update is written for what our typesetter writes (a plain cross-reference table, unpacked objects) and refuses
anything else. It certifies the document: no change is allowed after it but what long-term validation adds.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from madang.services.certificates.contracts import PdfUnexpected, Signer
from madang.services.certificates.rules import cms

_ENTRY: Final = 20
"""Bytes of a line in the cross-reference table."""
_SPARE: Final = 1024
"""Room for what a signature holds beside its certificates: attributes, identifiers, the signature's own bytes."""
_BYTE_RANGE: Final = b"/ByteRange[0 %010d %010d %010d]"


@dataclass(frozen=True, slots=True)
class _Document:
    """A PDF as far as an update must know it."""

    pdf: bytes
    table: int
    trailer: bytes
    size: int

    def object(self, number: int) -> bytes:
        """The dictionary of an object, from << to >>."""
        at = self._start_of_entries() + _ENTRY * number
        offset = int(self.pdf[at : at + 10])
        head, end = b"%d 0 obj\n" % number, self.pdf.find(b"\nendobj", offset)
        if not self.pdf.startswith(head, offset) or end < 0:
            message = f"object {number} is not where the cross-reference table says"
            raise PdfUnexpected(message)
        return self.pdf[offset + len(head) : end]

    def first_page(self, root: bytes) -> int:
        number = _reference(root, b"Pages")
        while (node := self.object(number)).find(b"/Type/Pages") >= 0:
            number = _number(rb"/Kids\s*\[\s*(\d+) 0 R", node, "its list of pages")
        return number

    def _start_of_entries(self) -> int:
        head = re.compile(rb"xref\s+0 \d+\s*?\r?\n").match(self.pdf, self.table)
        if head is None:
            message = "it has no plain cross-reference table"
            raise PdfUnexpected(message)
        return head.end()


def signed(pdf: bytes, signer: Signer, at: datetime) -> bytes:
    """``pdf`` with the city's signature, dated ``at`` (aware). Raises PdfUnexpected."""
    room = len(signer.certificate) + sum(map(len, signer.chain)) + _SPARE
    whole, gap = _with_room(pdf, room, at)
    digest = sha256(memoryview(whole)[:gap])
    digest.update(memoryview(whole)[gap + 2 * room + 2 :])
    signature = cms.signed_data(digest.digest(), signer)
    if len(signature) > room:
        message = f"the signature takes {len(signature)} bytes and has room for {room}"
        raise PdfUnexpected(message)
    whole[gap + 1 : gap + 1 + 2 * len(signature)] = signature.hex().encode("ascii")
    return bytes(whole)


def _with_room(pdf: bytes, room: int, at: datetime) -> tuple[bytearray, int]:
    """The updated PDF with an empty signature of ``room`` bytes, and where its ``<`` stands."""
    document = _opened(pdf)
    root_number = _reference(document.trailer, b"Root")
    root = document.object(root_number)
    page_number = document.first_page(root)
    field, signature = document.size, document.size + 1
    changed = {
        root_number: _with_form(root, field, signature),
        page_number: _with_annotation(document.object(page_number), field),
        field: _field(page_number, signature),
        signature: _signature(room, at),
    }
    whole = bytearray(pdf if pdf.endswith(b"\n") else pdf + b"\n")
    offsets = _append(whole, changed)
    _append_table(whole, offsets, document)
    gap = whole.index(b"/Contents<", offsets[signature]) + len(b"/Contents")
    _fill_byte_range(whole, offsets[signature], gap, gap + 2 * room + 2)
    return whole, gap


def _opened(pdf: bytes) -> _Document:
    start = pdf.rfind(b"trailer")
    found = re.compile(rb"trailer\s*<<(.*)>>\s*startxref\s+(\d+)\s+%%EOF\s*\Z", re.DOTALL).match(pdf, max(start, 0))
    if found is None:
        message = "it does not end in a plain trailer"
        raise PdfUnexpected(message)
    return _Document(pdf, int(found[2]), found[1], _number(rb"/Size (\d+)", found[1], "its trailer's size"))


def _with_form(root: bytes, field: int, signature: int) -> bytes:
    if b"/AcroForm" in root or b"/Perms" in root:
        message = "it has a form already"
        raise PdfUnexpected(message)
    form = b"/AcroForm<</Fields[%d 0 R]/SigFlags 3>>" % field
    # the extension in which signatures of this kind came to PDF 1.7 (ETSI TS 102 778-3, 2010)
    extension = b"/Extensions<</ESIC<</BaseVersion/1.7/ExtensionLevel 2>>>>"
    return root.rstrip().removesuffix(b">>") + form + extension + b"/Perms<</DocMDP %d 0 R>>>>" % signature


def _with_annotation(page: bytes, field: int) -> bytes:
    mine = b"%d 0 R]" % field
    if b"/Annots" not in page:
        return page.rstrip().removesuffix(b">>") + b"/Annots[" + mine + b">>"
    extended, found = re.subn(rb"(/Annots\s*\[[^\]]*)\]", lambda held: held[1] + b" " + mine, page)
    if found != 1:
        message = "its page keeps its annotations elsewhere"
        raise PdfUnexpected(message)
    return extended


def _field(page: int, signature: int) -> bytes:
    # without size and off the sheet: nothing to show (PDF/A-2, 6.3.3), nothing to read out (PDF/UA-1, 7.18.4)
    return (
        b"<</Type/Annot/Subtype/Widget/FT/Sig/T(Seal)/TU(Electronic seal of the city)/Rect[-9 -9 -9 -9]/F 132"
        b"/P %d 0 R/V %d 0 R>>" % (page, signature)
    )


def _signature(room: int, at: datetime) -> bytes:
    zone = f"{at:%z}"
    when = f"D:{at:%Y%m%d%H%M%S}{zone[:3]}'{zone[3:]}'".encode("ascii")
    parameters = b"<</Type/TransformParams/V/1.2/P 1>>"
    no_changes = b"/Reference[<</Type/SigRef/TransformMethod/DocMDP/TransformParams" + parameters + b">>]"
    return (
        b"<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/M(" + when + b")" + no_changes
        + _BYTE_RANGE % (0, 0, 0) + b"/Contents<" + b"0" * (2 * room) + b">>>"
    )


def _append(whole: bytearray, objects: Mapping[int, bytes]) -> Mapping[int, int]:
    offsets = {}
    for number, content in objects.items():
        offsets[number] = len(whole)
        whole += b"%d 0 obj\n" % number + content + b"\nendobj\n"
    return offsets


def _append_table(whole: bytearray, offsets: Mapping[int, int], document: _Document) -> None:
    table = len(whole)
    whole += b"xref\n"
    for number in sorted(offsets):
        whole += b"%d 1\n%010d 00000 n\r\n" % (number, offsets[number])
    trailer = re.sub(rb"/Size \d+", b"/Size %d" % (document.size + 2), document.trailer, count=1)
    whole += b"trailer\n<<" + trailer + b"/Prev %d>>\nstartxref\n%d\n%%%%EOF\n" % (document.table, table)


def _fill_byte_range(whole: bytearray, after: int, gap: int, rest: int) -> None:
    at = whole.index(b"/ByteRange", after)
    filled = _BYTE_RANGE % (gap, rest, len(whole) - rest)
    whole[at : at + len(filled)] = filled


def _reference(dictionary: bytes, name: bytes) -> int:
    return _number(rb"/" + name + rb" (\d+) 0 R", dictionary, f"its /{name.decode('ascii')}")


def _number(pattern: bytes, where: bytes, what: str) -> int:
    found = re.search(pattern, where)
    if found is None:
        message = f"{what} is missing"
        raise PdfUnexpected(message)
    return int(found[1])
