"""What a request costs: what the service says, or the amount that stands on the resident's bill."""

from collections.abc import Mapping

from madang.kernel.money import Won
from madang.records.catalogue.contracts import Service
from madang.services.applications.contracts import Answer


def to_pay(service: Service, answers: Mapping[str, Answer]) -> Won:
    """The sum that is due for a request whose answers have been checked."""
    if not service.fee_answer:
        return service.fee
    given = answers.get(service.fee_answer)
    return Won(int(given.value)) if given and given.value else service.fee
