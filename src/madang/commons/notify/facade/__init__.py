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
from madang.commons.notify.facade.calls import settle_call, take_call, waiting_calls
from madang.commons.notify.facade.carrying import deliver_due, free_claims_of_the_dead, receive_reports
from madang.commons.notify.facade.courses import take_steps
from madang.commons.notify.facade.people import (
    add_phone_for,
    add_postal,
    add_subscription,
    choose,
    confirm_code,
    drop,
    push_public_key,
    report_secret,
    send_code,
    service_worker,
    set_language,
    set_without_device,
    unsubscribe,
    unsubscribed_topic,
    ways_of,
)
from madang.commons.notify.facade.post import read_post
from madang.commons.notify.facade.previews import (
    Look,
    district_names,
    preview,
    preview_letter,
    templates_by_topic,
    topic_titles,
)
from madang.commons.notify.facade.services import (
    all_services,
    ask,
    ask_ready_letter,
    deliver_for_services,
    letter_pdf,
    make_key,
    make_service,
    names_in,
    notice_of,
    notices_of,
    paragraphs_as_html,
    preview_for_service,
    revoke_key,
    save_template,
    sender_address,
    sender_number,
    service_called,
    signed_in,
    tell_services,
    template_of,
    template_versions,
    templates_of,
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
    "Look", "add_phone_for", "add_postal", "add_subscription", "all_services", "approve", "approved", "ask",
    "ask_ready_letter", "audience", "broadcast_channels", "broadcast_of", "carry_on", "check_templates", "choose",
    "compose", "confirm_code", "deliver_due", "deliver_for_services", "deliveries", "district_names", "drop",
    "forget_old", "forget_resident", "free_claims_of_the_dead", "inbox", "is_report_genuine", "letter_pdf",
    "make_key", "make_service", "mark_read", "message_of", "names_in", "newest_broadcasts", "notice_of",
    "notices_of", "paragraphs_as_html", "preview", "preview_for_service", "preview_letter", "push_public_key",
    "read_post", "receive_reports", "report_of", "report_secret", "revoke_key", "save_template", "send_code",
    "sender_address", "sender_number", "service_called", "service_worker", "set_language", "set_without_device",
    "settle_call", "signed_in", "standing", "take_call", "take_over", "take_steps", "tell", "tell_services",
    "template_of", "template_versions", "templates_by_topic", "templates_of", "texts_for_approval", "topic_titles",
    "try_again", "unread", "unsubscribe", "unsubscribed_topic", "waiting_calls", "ways_of", "withdraw", "write",
]
