"""The door to applications: a resident's drafts and requests, and the steps that other rooms take with them."""

from madang.services.applications.facade.residents import (
    apply,
    ask_registers,
    begin,
    case_of,
    keep,
    keep_shown,
    my_cases,
    submit,
    withdraw,
)
from madang.services.applications.facade.steps import (
    answer_from_registers,
    approve,
    case,
    case_numbered,
    complete,
    filled_in,
    forget,
    hand_over,
    mistakes_of,
    payment_received,
    refuse,
    wait_for_register,
)
from madang.services.applications.facade.told import OWN_REQUEST

__all__ = [
    "OWN_REQUEST",
    "answer_from_registers",
    "apply",
    "approve",
    "ask_registers",
    "begin",
    "case",
    "case_numbered",
    "case_of",
    "complete",
    "filled_in",
    "forget",
    "hand_over",
    "keep",
    "keep_shown",
    "mistakes_of",
    "my_cases",
    "payment_received",
    "refuse",
    "submit",
    "wait_for_register",
    "withdraw",
]
