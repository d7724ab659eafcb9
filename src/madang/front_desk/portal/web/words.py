"""What the portal says about times, standings, registers and rooms, in the reader's language."""

from collections.abc import Mapping

from django.utils.dates import WEEKDAYS_ABBR
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from madang.commons.identity.facade import purposes
from madang.front_desk.portal.contracts import Stage
from madang.kernel.languages import Language
from madang.records.catalogue.contracts import Archetype, Service, TimeTarget, won_said
from madang.records.places.contracts import Hours, Near
from madang.services.applications.contracts import Standing
from madang.services.payments.contracts import BillStanding

_HOUR_MIN = 60
_DAY_MIN = 24 * 60

STANDINGS: Mapping[Standing, Promise] = {
    Standing.DRAFT: _("Not sent yet"),
    Standing.AWAITING_SIGNATURES: _("Waiting for signatures"),
    Standing.AWAITING_PAYMENT: _("Waiting for the fee"),
    Standing.IN_REVIEW: _("Being checked"),
    Standing.WAITING_FOR_REGISTER: _("Waiting for a register"),
    Standing.WITH_OFFICER: _("With an officer"),
    Standing.AWAITING_RESIDENT: _("Waiting for you"),
    Standing.APPEALED: _("Appealed"),
    Standing.APPROVED: _("Approved"),
    Standing.REFUSED: _("Refused"),
    Standing.COMPLETED: _("Done"),
    Standing.WITHDRAWN: _("Taken back"),
}

BILLS: Mapping[BillStanding, Promise] = {
    BillStanding.DUE: _("To be paid"),
    BillStanding.PAID: _("Paid"),
    BillStanding.CANCELLED: _("Cancelled"),
    BillStanding.REFUNDED: _("Paid back"),
}

STAGES: Mapping[Stage, Promise] = {
    Stage.SENT: _("Sent"),
    Stage.FEE: _("Fee paid"),
    Stage.CHECK: _("Checked against the registers"),
    Stage.OFFICER: _("An officer looks at it"),
    Stage.DECISION: _("Decision"),
    Stage.DOCUMENT: _("Document ready"),
}

REGISTERS: Mapping[str, Promise] = {
    "residents": _("the residents' register"),
    "households": _("the household register"),
    "vehicles": _("the vehicle register"),
    "businesses": _("the business register"),
    "local_tax": _("the local tax register"),
    "disability": _("the register of persons with disabilities"),
}

KINDS: Mapping[Archetype, Promise] = {
    Archetype.DOCUMENT: _("Documents"),
    Archetype.BENEFIT: _("Benefits and help"),
    Archetype.PAYMENT: _("Payments"),
    Archetype.BOOKING: _("Bookings"),
    Archetype.PERMIT: _("Permits and registrations"),
    Archetype.REPORT: _("Reports and suggestions"),
    Archetype.ENQUIRY: _("Questions and advice"),
    Archetype.VOTE: _("Votes and opinions"),
}

PLACES: Mapping[str, Promise] = {
    "community_center": _("Community service centre"),
    "district_office": _("District office"),
    "kiosk": _("Kiosk"),
    "library": _("Library"),
    "phone": _("By phone"),
}

ROOMS: Mapping[str, Promise] = {
    "resident": _("You"),
    "applications": _("Requests (automatic)"),
    "document_review": _("Document review (automatic)"),
    "certificates": _("Certificates (automatic)"),
    "payments": _("Payments (automatic)"),
    "bookings": _("Bookings (automatic)"),
    "notify": _("Messages (automatic)"),
    "registers": _("Registers (automatic)"),
    "portal": _("The portal (automatic)"),
    "identity": _("Signing in (automatic)"),
}


def register(name: str) -> str:
    """How a register is called in a sentence."""
    return str(REGISTERS.get(name, name))


def room(name: str) -> str:
    """Who did something, as a resident reads it: a capacity in their language, an officer's post as it is."""
    return str(ROOMS.get(name) or (gettext(name) if name else ""))


def purpose(recorded: str, language: Language) -> str:
    """What something was done for, as a resident reads it: as the profile names it, or as a room does."""
    return purposes.name_of(recorded, language) or (gettext(recorded) if recorded else "")


def usual(time: TimeTarget) -> str:
    """How long the plain case takes."""
    return minutes(time.usual_minutes)


def minutes(number: float) -> str:
    """A time as people say it: minutes, hours or days, whichever is the largest that it fills."""
    minutes = round(number)
    if minutes < _HOUR_MIN:
        return ngettext("about %(n)d minute", "about %(n)d minutes", minutes) % {"n": minutes}
    if minutes < _DAY_MIN:
        hours = round(minutes / _HOUR_MIN)
        return ngettext("about %(n)d hour", "about %(n)d hours", hours) % {"n": hours}
    days = round(minutes / _DAY_MIN)
    return ngettext("about %(n)d day", "about %(n)d days", days) % {"n": days}


def promise(time: TimeTarget) -> str:
    """Until when the city decides at the latest."""
    days = time.working_days
    if days <= 0:
        return ""
    return ngettext("%(n)d working day at the latest", "%(n)d working days at the latest", days) % {"n": days}


def hours(open_: Hours) -> str:
    """When a place is open: “Mon–Fri 09:00–18:00”; days that do not follow each other are named one by one."""
    days = [str(WEEKDAYS_ABBR[day - 1]) for day in sorted(open_.days)]
    in_a_row = len(days) > 1 and max(open_.days) - min(open_.days) == len(days) - 1
    said = f"{days[0]}–{days[-1]}" if in_a_row else ", ".join(days)
    return f"{said} {open_.opens:%H:%M}–{open_.closes:%H:%M}"


def walk(near: Near) -> str:
    """How long a slow walker needs, and how long at most when the place lies far from where we think it is."""
    text = gettext("About %(n)d min on foot (at most %(most)d)")
    return text % {"n": max(near.minutes, 1), "most": near.minutes_most}


def fee(amount: int) -> str:
    """What it costs."""
    return f"₩{amount:,}" if amount else gettext("Free")


def price(service: Service) -> str:
    """What a service costs before anything was answered."""
    if not service.fee_answer:
        return fee(service.fee.amount)
    choices = next((field.choices for field in service.fields() if field.name == service.fee_answer), ())
    if choices:
        return gettext("{least} or more, as you choose").format(least=fee(min(won_said(one.value) for one in choices)))
    return gettext("The amount on your bill")
