"""What a request costs: what the service says, or the amount that stands on the resident's bill."""

from collections.abc import Mapping
from typing import Final

from madang.kernel.money import Won
from madang.records.catalogue.contracts import Service, won_said
from madang.services.applications.contracts import Answer, Mistake
from madang.services.applications.contracts.bills import BillSeen

BILL_NUMBER: Final = "bill_number"
"""The question that names a bill (profiles/<city>/questions.yaml)."""
Answers = Mapping[str, Answer]


def to_pay(service: Service, answers: Answers) -> Won:
    """The sum that is due for a request whose answers have been checked."""
    if not service.fee_answer:
        return service.fee
    given = answers.get(service.fee_answer)
    return Won(won_said(given.value)) if given and given.value else service.fee


def names_bill(service: Service, answers: Answers) -> str:
    """The number of the bill that a form pays; empty for a form that pays none."""
    return answers[BILL_NUMBER].value if service.fee_answer and BILL_NUMBER in answers else ""


def against_bill(service: Service, answers: Answers, seen: BillSeen | None) -> tuple[Answers, list[Mistake]]:
    """The answers with the amount that the bill says, and what does not agree with it.

    Where the city knows the bill, its owner may leave the amount out; whoever pays for another must know it. Where
    it knows no such bill, what was typed counts.
    """
    amount = answers.get(service.fee_answer)
    typed = amount.value if amount else ""
    if seen is None:
        return answers, ([] if typed else [_missing(service)])
    if not seen.is_due:
        return answers, [Mistake(
            BILL_NUMBER, "not_due", message="There is nothing to pay on this bill any more.", facts={}
        )]
    if typed == str(seen.amount.amount) or (seen.is_own and not typed):
        return {**answers, service.fee_answer: Answer(str(seen.amount.amount))}, []
    return answers, [_another_amount(service, seen)]


def _missing(service: Service) -> Mistake:
    return Mistake(service.fee_answer, "required", message="Please answer this question.", facts={})


def _another_amount(service: Service, seen: BillSeen) -> Mistake:
    """Only the bill's owner is told what it says."""
    if seen.is_own:
        return Mistake(
            service.fee_answer, "not_the_bill", facts={"amount": str(seen.amount)},
            message="The bill says {amount} today. Leave this empty, and we take the amount from the bill.",
        )
    return Mistake(
        service.fee_answer, "not_the_bill", message="This is not the amount on the bill of this number.", facts={}
    )
