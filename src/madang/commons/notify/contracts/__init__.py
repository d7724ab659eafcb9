"""What notify says to the rest of the city."""

from madang.commons.notify.contracts.broadcasts import (
    LONGEST_BODY,
    LONGEST_TITLE,
    Broadcast,
    BroadcastDecided,
    BroadcastId,
    BroadcastState,
    BroadcastUnknown,
    BroadcastWrong,
    Draft,
    Report,
    SecondOfficerNeeded,
)
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
    "LONGEST_BODY", "LONGEST_TITLE", "Broadcast", "BroadcastDecided", "BroadcastId", "BroadcastState",
    "BroadcastUnknown", "BroadcastWrong", "CannotBeTurnedOff", "Carried", "Channel", "Choice", "CodeWrong",
    "CodesTooOften", "Contact", "ContactUnknown", "Delivery", "DeliveryId", "DeliveryState", "Draft", "FactKind",
    "FactsWrong", "Letter", "Message", "MessageId", "MessageUnknown", "Permission", "PhoneWrong",
    "PostalAddressWrong", "Reach", "Report", "SecondOfficerNeeded", "SubscriptionWrong", "Template",
    "TemplateWrong", "Urgency", "Ways",
]
