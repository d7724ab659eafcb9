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
from madang.commons.notify.contracts.calls import Call, CallOutcome, CallSettled, CallState, CallUnknown
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
from madang.commons.notify.contracts.services import (
    Asked,
    AskedWrong,
    KeyKind,
    LimitReached,
    NoSuchNotice,
    Notice,
    NoticeKind,
    Search,
    Service,
    ServiceKey,
    ServiceTemplate,
    ServiceUnknown,
    Status,
    TextToSave,
    TokenRefused,
)

__all__ = [
    "LONGEST_BODY", "LONGEST_TITLE", "Asked", "AskedWrong", "Broadcast", "BroadcastDecided", "BroadcastId",
    "BroadcastState", "BroadcastUnknown", "BroadcastWrong", "Call", "CallOutcome", "CallSettled", "CallState",
    "CallUnknown", "CannotBeTurnedOff", "Carried", "Channel", "Choice", "CodeWrong", "CodesTooOften", "Contact",
    "ContactUnknown", "Delivery", "DeliveryId", "DeliveryState", "Draft", "FactKind", "FactsWrong", "KeyKind",
    "Letter", "LimitReached", "Message", "MessageId", "MessageUnknown", "NoSuchNotice", "Notice", "NoticeKind",
    "Permission", "PhoneWrong", "PostalAddressWrong", "Reach", "Report", "Search", "SecondOfficerNeeded", "Service",
    "ServiceKey", "ServiceTemplate", "ServiceUnknown", "Status", "SubscriptionWrong", "Template", "TemplateWrong",
    "TextToSave", "TokenRefused", "Urgency", "Ways",
]
