"""The door to the city as an OpenID provider."""

from madang.commons.identity.provider.facade.asking import (
    answer,
    consent_until,
    let,
    may_learn,
    missing,
    question,
    refuse,
    tell_why,
)
from madang.commons.identity.provider.facade.connections import connections, end_session, forget_ended, withdraw
from madang.commons.identity.provider.facade.leaving import logout_of, send_logout
from madang.commons.identity.provider.facade.speaking import discovery, introspect, key_set, revoke, token, userinfo
from madang.commons.identity.provider.facade.systems import (
    add_system,
    client_of_token,
    keep_keys,
    key_states,
    remove_system,
    rotate_key,
    rotate_secret,
    signed_in_since,
    systems,
)

__all__ = [
    "add_system", "answer", "client_of_token", "connections", "consent_until", "discovery", "end_session",
    "forget_ended", "introspect", "keep_keys", "key_set", "key_states", "let", "logout_of", "may_learn", "missing",
    "question", "refuse", "remove_system", "revoke", "rotate_key", "rotate_secret", "send_logout",
    "signed_in_since", "systems", "tell_why", "token", "userinfo", "withdraw",
]
