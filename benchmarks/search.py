"""Search: whether people find the service that they mean among the first three, and how long it takes.

Queries as people type them (benchmarks/search_queries.yaml), each asked in the language of the page. ``top3`` is the
share of them, by language, whose service stands among the first three. The peer in the same run is a plain substring
search over names, which many portals have.
"""

import json
import time
from pathlib import Path
from statistics import quantiles
from typing import Any

import yaml

from madang.entrypoints.instance import set_django_up
from madang.kernel.languages import Language

_QUERIES = Path(__file__).with_name("search_queries.yaml")
_FIRST = 3
_ROUNDS = 5


def measure(*, quick: bool) -> dict[str, Any]:
    """The share found by language, the times, and each query that was not found."""
    set_django_up()
    from madang.records.catalogue import facade as catalogue

    queries = yaml.safe_load(_QUERIES.read_text(encoding="utf-8"))
    catalogue.search("warm", Language.EN)
    seconds: list[float] = []
    top3, plain, missed = {}, {}, []
    for code, asked in queries.items():
        language, found, peer = Language(code), 0, 0
        for query, *right in asked:
            for _ in range(1 if quick else _ROUNDS):
                began = time.perf_counter()
                hits = [hit.service.id for hit in catalogue.search(query, language, _FIRST)]
                seconds.append(time.perf_counter() - began)
            found += not set(right).isdisjoint(hits)
            peer += not set(right).isdisjoint(_plain(catalogue.services(), query, language))
            if set(right).isdisjoint(hits):
                missed.append([code, query, hits])
        top3[code], plain[code] = round(found / len(asked), 3), round(peer / len(asked), 3)
    return {
        "top3": top3,
        "p95_ms": round(1000 * quantiles(seconds, n=20)[-1], 2),
        "slowest_ms": round(1000 * max(seconds), 2),
        "queries": sum(len(asked) for asked in queries.values()),
        "services": len(catalogue.services()),
        "peer_substring_top3": plain,
        "missed": json.dumps(missed, ensure_ascii=False),
    }


def _plain(services: Any, query: str, language: Language) -> list[str]:
    """The first services, most used first, whose name holds the query as it stands."""
    wanted = query.casefold()
    return [one.id for one in services if wanted in one.name.into(language).casefold()][:_FIRST]
