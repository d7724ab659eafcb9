"""What notify says to the rest of the city."""

from madang.commons.notify.contracts.messages import (
    Carried,
    Channel,
    Delivery,
    DeliveryId,
    DeliveryState,
    FactKind,
    FactsWrong,
    Letter,
    Message,
    MessageId,
    MessageUnknown,
    Template,
    TemplateWrong,
    Urgency,
)
from madang.commons.notify.contracts.people import (
    CannotBeTurnedOff,
    Choice,
    CodesTooOften,
    CodeWrong,
    Contact,
    ContactUnknown,
    Permission,
    PhoneWrong,
    PostalAddressWrong,
    Reach,
    SubscriptionWrong,
    Ways,
)

__all__ = [
    "CannotBeTurnedOff", "Carried", "Channel", "Choice", "CodeWrong", "CodesTooOften", "Contact", "ContactUnknown",
    "Delivery", "DeliveryId", "DeliveryState", "FactKind", "FactsWrong", "Letter", "Message", "MessageId",
    "MessageUnknown", "Permission", "PhoneWrong", "PostalAddressWrong", "Reach", "SubscriptionWrong", "Template",
    "TemplateWrong", "Urgency", "Ways",
]
