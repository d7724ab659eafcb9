"""The door to notify."""

from madang.commons.notify.channels.aggregator import is_report_genuine
from madang.commons.notify.facade.broadcasts import (
    approve,
    approved,
    audience,
    broadcast_channels,
    broadcast_of,
    carry_on,
    compose,
    newest_broadcasts,
    report_of,
    take_over,
    withdraw,
    write,
)
from madang.commons.notify.facade.carrying import deliver_due, free_claims_of_the_dead, receive_reports
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
    "add_phone_for", "add_postal", "add_subscription", "approve", "approved", "audience", "broadcast_channels",
    "broadcast_of", "carry_on", "check_templates", "choose", "compose", "confirm_code", "deliver_due", "deliveries",
    "drop", "forget_old", "forget_resident", "free_claims_of_the_dead", "inbox", "is_report_genuine", "mark_read",
    "message_of", "newest_broadcasts", "receive_reports", "report_of", "report_secret", "send_code", "set_language",
    "set_without_device", "standing", "take_over", "take_steps", "tell", "texts_for_approval", "try_again",
    "unread", "ways_of", "withdraw", "write",
]
