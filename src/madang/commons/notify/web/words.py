"""What pages call channels and states."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

CHANNELS: Mapping[str, Promise] = {
    "inbox": _("Inbox on My page"),
    "email": _("E-mail"),
    "sms": _("Text message"),
    "alimtalk": _("KakaoTalk"),
    "push": _("Notification on this device"),
    "letter": _("Letter by post"),
    "call": _("Telephone call"),
}

STATES: Mapping[str, Promise] = {
    "waiting": _("waiting"),
    "sent": _("handed over"),
    "failed_will_retry": _("will be tried again"),
    "given_up": _("given up"),
    "delivered": _("delivered"),
    "read": _("read"),
}

BROADCASTS: Mapping[str, Promise] = {
    "written": _("waits for a second officer"),
    "approved": _("approved, being written"),
    "composed": _("sent out"),
    "withdrawn": _("withdrawn"),
}
