"""Web Push is what the standards say: their own example is decrypted, and what is not right is refused."""

import base64
import json

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec

from madang.commons.notify.channels import push
from madang.simulation import push_service


def raw(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_the_example_of_rfc_8291_is_read():
    """Appendix A."""
    body = raw(
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27ml"
        "mlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )
    private = int.from_bytes(raw("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"), "big")
    key = ec.derive_private_key(private, ec.SECP256R1())
    plain = push_service._decrypted(body, key, raw("BTBZMqHH6r4Tts7J_aSIgg"))
    assert plain == b"When I grow up, I want to be a watermelon"


def test_only_the_browser_reads_what_the_city_encrypts(settings, tmp_path):
    settings.MADANG_INSTANCE = tmp_path
    push_service._books.cache_clear()
    one, other = (json.loads(text) for text in push_service.subscribe_many("http://push.example", 2))
    sealed = push.encrypt("대피".encode(), one["keys"])
    browsers = [push_service._browser(found["endpoint"].rpartition("/")[2]) for found in (one, other)]
    assert push_service._decrypted(sealed, *browsers[0]).decode() == "대피"
    with pytest.raises(InvalidTag):
        push_service._decrypted(sealed, *browsers[1])
    assert push.encrypt("대피".encode(), one["keys"]) != sealed
    push_service._books.cache_clear()


@pytest.mark.parametrize(("headers", "status"), [
    ({}, "201"), ({"HTTP_AUTHORIZATION": ""}, "401"), ({"HTTP_AUTHORIZATION": "vapid t=a.b.c, k=d"}, "403"),
    ({"HTTP_HOST": "another.example"}, "403"), ({"HTTP_TTL": ""}, "400"), ({"HTTP_TOPIC": "한" * 3}, "400"),
])
def test_the_push_service_refuses_what_is_not_signed_for_it(settings, tmp_path, headers, status):
    settings.MADANG_INSTANCE = tmp_path
    push_service._books.cache_clear()
    push_service._browser.cache_clear()
    push._key.cache_clear()
    push._signed.cache_clear()
    subscription = json.loads(push_service.subscribe("http://push.example"))
    environ = {
        "REQUEST_METHOD": "POST", "PATH_INFO": "/push/to/" + subscription["endpoint"].rpartition("/")[2],
        "HTTP_HOST": "push.example", "HTTP_TTL": "60", "HTTP_CONTENT_ENCODING": "aes128gcm",
        "HTTP_AUTHORIZATION": push.authorization("http://push.example"), "HTTP_TOPIC": "one", **headers,
    }
    assert push_service._answer(environ, push.encrypt(b"{}", subscription["keys"]))[0].startswith(status)
    push_service._books.cache_clear()
    push._key.cache_clear()
    push._signed.cache_clear()
