"""The door to notify."""

from madang.commons.notify.channels.aggregator import is_report_genuine
from madang.commons.notify.facade.carrying import deliver_due, receive_reports
from madang.commons.notify.facade.courses import take_steps
from madang.commons.notify.facade.people import (
    add_phone_for,
    add_postal,
    add_subscription,
    choose,
    confirm_code,
    drop,
    report_secret,
    send_code,
    set_language,
    set_without_device,
    ways_of,
)
from madang.commons.notify.facade.telling import (
    check_templates,
    deliveries,
    forget_old,
    forget_resident,
    inbox,
    mark_read,
    message_of,
    standing,
    tell,
    texts_for_approval,
    try_again,
    unread,
)

__all__ = [
    "add_phone_for", "add_postal", "add_subscription", "check_templates", "choose", "confirm_code", "deliver_due",
    "deliveries", "drop", "forget_old", "forget_resident", "inbox", "is_report_genuine", "mark_read", "message_of",
    "receive_reports", "report_secret", "send_code", "set_language", "set_without_device", "standing", "take_steps",
    "tell", "texts_for_approval", "try_again", "unread", "ways_of",
]
