"""The provider's books of a day beside ours."""

from collections.abc import Iterable, Sequence

from madang.services.payments.contracts import Difference, Mismatch, Settled


def differences(theirs: Iterable[Settled], ours: Iterable[Settled]) -> Sequence[Difference]:
    """Every payment over which the two differ, by reference. Both list what was taken on the same day in Seoul."""
    there = {one.reference: one for one in theirs}
    here = {one.reference: one for one in ours}
    found = (_difference(name, there.get(name), here.get(name)) for name in sorted(there.keys() | here.keys()))
    return [one for one in found if one is not None]


def _difference(reference: str, theirs: Settled | None, ours: Settled | None) -> Difference | None:
    amounts = (theirs.amount if theirs else None), (ours.amount if ours else None)
    if theirs is None or ours is None:
        return Difference(reference, Mismatch.ONLY_OURS if theirs is None else Mismatch.ONLY_THEIRS, *amounts)
    if theirs.amount != ours.amount:
        return Difference(reference, Mismatch.AMOUNT, *amounts)
    if theirs.refunded != ours.refunded:
        return Difference(reference, Mismatch.REFUND, *amounts)
    return None
