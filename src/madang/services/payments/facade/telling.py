"""What notices about a bill say."""

from madang.kernel.languages import Text
from madang.records.catalogue import facade as catalogue
from madang.services.payments.contracts import Bill


def what_for(owed: Bill) -> Text:
    """The name of the service that a bill is for."""
    return catalogue.service(owed.what).name


def facts(owed: Bill) -> dict[str, str | Text]:
    """The facts of a bill by the names that messages have for them; ``due`` only where there is a last day."""
    told: dict[str, str | Text] = {
        "service": what_for(owed), "number": owed.number, "amount": str(owed.amount.amount),
    }
    return told | ({"due": owed.due.isoformat()} if owed.due else {})
