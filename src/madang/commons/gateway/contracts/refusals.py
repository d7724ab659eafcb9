"""Why the gateway says no."""

from dataclasses import dataclass

from madang.kernel.errors import CityError, Conflict, Invalid, NotFound, NotPermitted, SignInNeeded, TooOften


@dataclass(eq=False)
class KeyReused(Invalid):
    """The Idempotency-Key was used for another request."""

    field: str = "Idempotency-Key"

    code = "gateway.key_reused"
    message = "This Idempotency-Key was used for another request. Use a new key for a new request."


@dataclass(eq=False)
class KeyMalformed(Invalid):
    """The Idempotency-Key is empty, longer than 200 characters, or not visible ASCII."""

    field: str = "Idempotency-Key"

    code = "gateway.key_malformed"
    message = "An Idempotency-Key has 1 to 200 visible ASCII characters, for example a UUID."


@dataclass(eq=False)
class KeyBusy(Conflict):
    """The same request with the same Idempotency-Key is still being answered."""

    code = "gateway.key_busy"
    message = "The same request is still being worked on. Please ask again in a few seconds."


@dataclass(eq=False)
class BodyTooLarge(CityError):
    """The body is larger than this address takes."""

    code = "gateway.body_too_large"
    message = "What you sent is larger than this address takes."


@dataclass(eq=False)
class MediaTypeUnknown(CityError):
    """The body is not ``application/json``."""

    media_type: str

    code = "gateway.media_type_unknown"
    message = "Send the body as application/json, not as “{media_type}”."


@dataclass(eq=False)
class KeyNotKnown(SignInNeeded):
    """The API key was never given out, has expired, or was revoked."""

    code = "gateway.api_key_not_known"
    message = "This API key is not known, has expired or was revoked. Make a new one under /developers/."


@dataclass(eq=False)
class PartnerStopped(NotPermitted):
    """The partner system was stopped, or its time has ended."""

    code = "gateway.partner_stopped"
    message = "This system is stopped or its time has ended. Please ask the department that registered it."


@dataclass(eq=False)
class AddressNotAllowed(NotPermitted):
    """The partner asks from an address that it did not name."""

    code = "gateway.address_not_allowed"
    message = "This key may not be used from your address. Add the address under /developers/."


@dataclass(eq=False)
class ScopeMissing(NotPermitted):
    """The route needs a scope that the partner does not hold."""

    scope: str

    code = "gateway.scope_missing"
    message = "This needs the scope {scope}. Ask for it under /developers/."


@dataclass(eq=False)
class ClosedToPartners(NotPermitted):
    """No scope opens this route: it is for people who sign in."""

    code = "gateway.closed_to_partners"
    message = "This address is not open to partner systems. /developers/ lists those that are."


@dataclass(eq=False)
class QuotaSpent(TooOften):
    """The plan's requests of this second or day are used up."""

    quota: int
    seconds: int

    code = "gateway.quota_spent"
    message = "The quota of {quota} requests is used up. Ask again in {seconds} seconds."


@dataclass(eq=False)
class PartnerUnknown(NotFound):
    """There is no such partner system, or it is somebody else's."""

    code = "gateway.partner_unknown"
    message = "There is no such system."


@dataclass(eq=False)
class PlanUnknown(Invalid):
    """The profile has no such plan, or it is not for everybody to choose."""

    plan: str
    field: str = "plan"

    code = "gateway.plan_unknown"
    message = "There is no plan “{plan}” to choose here."


@dataclass(eq=False)
class ScopeUnknown(Invalid):
    """No room declares such a scope."""

    scope: str
    field: str = "scopes"

    code = "gateway.scope_unknown"
    message = "No room declares the scope “{scope}”."


@dataclass(eq=False)
class AddressMalformed(Invalid):
    """What was given is neither an address nor a network."""

    address: str
    field: str = "addresses"

    code = "gateway.address_malformed"
    message = "“{address}” is neither an IP address nor a network such as 192.0.2.0/24."


@dataclass(eq=False)
class KeyFormWrong(Invalid):
    """What was given is no key."""

    field: str = "key"

    code = "gateway.key_form_wrong"
    message = "This is not a key of the city's. It begins with madang_."


@dataclass(eq=False)
class PathNotOfTheApi(Invalid):
    """The address lies outside the API."""

    field: str = "path"

    code = "gateway.path_not_of_the_api"
    message = "The address begins with /api/v1/ and has no spaces."


@dataclass(eq=False)
class NameMissing(Invalid):
    """The system or its organisation has no name, or one that is too long."""

    field: str

    code = "gateway.name_missing"
    message = "Give a name of 1 to 100 characters."


@dataclass(eq=False)
class ReasonMissing(Invalid):
    """An ask, or its refusal, gives no reason, or one that is too long."""

    most: int
    field: str = "why"

    code = "gateway.reason_missing"
    message = "Say why, in 1 to {most} characters."


@dataclass(eq=False)
class EndNotAhead(Invalid):
    """The end of a key or a system is no day, or not after today."""

    field: str = "ends"

    code = "gateway.end_not_ahead"
    message = "Give a day after today, such as 2027-03-01."


@dataclass(eq=False)
class AskUnknown(NotFound):
    """Nobody asks for this any more: another officer has answered."""

    code = "gateway.ask_unknown"
    message = "This is not asked for any more. Another officer may have answered."


@dataclass(eq=False)
class TooManyKeys(Conflict):
    """The partner holds as many keys as one may."""

    most: int

    code = "gateway.too_many_keys"
    message = "A system has at most {most} keys at a time. Revoke one that is no longer used."


@dataclass(eq=False)
class TooManyPartners(Conflict):
    """The developer registered as many systems as one may."""

    most: int

    code = "gateway.too_many_partners"
    message = "One account registers at most {most} systems. Stop one that is no longer used."
