"""Signing in: sign-ins a second through the whole web application, beside what the password hash alone would allow.

A running city on this machine, and the load on the same cores: each connection signs in with a password as one of the
demonstration's residents, again and again, through the gateway, and gets a token. The limit is the cores divided by the
cost of one Argon2id hash, measured in the same run. Beside it, what it costs to know a system by its access token: an
opaque one looked up in the database, and the signature of a JWT checked.
"""

import asyncio
import json
import os
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.load import Connection, Result
from madang.entrypoints.launch import launched

_MOST_CONNECTIONS = 6
_TIMES = 20


def measure(*, quick: bool) -> dict[str, Any]:
    """Sign-ins a second and their 95th percentile, the hash's cost, the limit; milliseconds to know a system."""
    seconds = 8.0 if quick else 30.0
    with (
        tempfile.TemporaryDirectory(prefix="madang-bench-") as folder,
        launched(Path(folder), environ={"MADANG_DEMO_RESIDENTS": "2000"}) as city,
    ):
        proofs = _proofs(city.sign_ins)
        asyncio.run(_load(city.url, proofs, 2.0))
        result = asyncio.run(_load(city.url, proofs, seconds))
        os.environ |= {"MADANG_INSTANCE": folder, "DJANGO_SETTINGS_MODULE": "madang.entrypoints.django_settings"}
        import django

        django.setup()
        hash_ms, known = _hash_ms(), _knowing_ms()
    cores = os.cpu_count() or 1
    return {
        "sign_ins_per_s": round(result.per_second, 1), "p95_ms": round(result.p95 * 1000, 1),
        "password_hash_ms": round(hash_ms, 1), "limit_hash_alone_per_s": round(cores / hash_ms * 1000, 1),
        "refused": result.refused, "connections": len(proofs), **known,
    }


def _proofs(sign_ins: Sequence[Mapping[str, str]]) -> list[bytes]:
    """What each connection shows: one account each, because attempts at one address at once count each other."""
    residents = [one for one in sign_ins if one["who"].startswith("resident") and not one["second_factor"]]
    return [
        json.dumps({"email": one["email"], "password": one["password"]}).encode()
        for one in residents[:_MOST_CONNECTIONS]
    ]


async def _load(url: str, proofs: Sequence[bytes], seconds: float) -> Result:
    result = Result()
    began = time.monotonic()
    await asyncio.gather(*(_one(Connection(url), proof, began + seconds, result) for proof in proofs))
    result.seconds = time.monotonic() - began
    return result


async def _one(connection: Connection, proof: bytes, until: float, result: Result) -> None:
    while (now := time.monotonic()) < until:
        status, _ = await connection.ask("POST", "/api/v1/session", {"content-type": "application/json"}, proof)
        if status < 300:  # noqa: PLR2004 -- the 2xx
            result.latencies.append(time.monotonic() - now)
        else:
            result.refused[status] = result.refused.get(status, 0) + 1
    connection.close()


def _hash_ms() -> float:
    from madang.commons.identity.passwords import CityArgon2

    hasher = CityArgon2()
    kept = hasher.encode("correct horse battery", hasher.salt())
    return _milliseconds(lambda: hasher.verify("correct horse battery", kept), _TIMES)


def _knowing_ms() -> dict[str, float]:
    """What an opaque token and a signed one cost to check, in CPU and waiting, one after another."""
    import yaml
    from jwcrypto import jwk, jwt

    from madang.commons.identity import facade as identity
    from madang.commons.identity.provider.rules.profile import system_from
    from madang.commons.identity.provider.store import profile, sign_ins, systems
    from madang.entrypoints.settings import HOUSE
    from madang.kernel import clock

    told = yaml.safe_load((HOUSE / "profiles/seoul/clients/seoul-library.yaml").read_text(encoding="utf-8"))
    systems.add(system_from(told, profile.policy()), "secret of a bench")
    text, until = f"mat_{'x' * 43}", clock.now() + profile.policy().system_token_lasts
    sign_ins.add_access(text, systems.row("seoul-library"), "reports.read", until, None)
    key = jwk.JWK.generate(kty="RSA", size=2048)
    made = jwt.JWT(header={"alg": "RS256"}, claims={"sub": "seoul-library", "scope": "reports.read"})
    made.make_signed_token(key)
    signed = made.serialize()
    return {
        "opaque_token_ms": round(_milliseconds(lambda: identity.client_of_token(text), _TIMES * 20), 2),
        "peer_jwt_ms": round(_milliseconds(lambda: jwt.JWT(jwt=signed, key=key), _TIMES * 20), 2),
    }


def _milliseconds(work: Callable[[], object], times: int) -> float:
    work()
    began = time.perf_counter()
    for _ in range(times):
        work()
    return (time.perf_counter() - began) / times * 1000
