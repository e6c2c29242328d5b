"""Two worlds that differ in one secret, crawled as someone who may not know it: every byte must be the same."""

import re
from collections.abc import Callable
from typing import Any

import html5lib
from flask import Flask

from portal.models.person import Person

MASKS = (
    (re.compile(rb'name="csrf_token" value="[^"]*"'), b"csrf"),
    (re.compile(rb'name="csrf-token" content="[^"]*"'), b"csrf"),
    (re.compile(rb'name="idempotency_token" value="[^"]*"'), b"idempotency"),
)
SAID = "{http://www.w3.org/1999/xhtml}"
MOST_PAGES = 400


def masked(data: bytes) -> bytes:
    for pattern, word in MASKS:
        data = pattern.sub(word, data)
    return data


def links(text: str) -> list[str]:
    tree = html5lib.parse(text)
    found = [a.get("href") or "" for a in tree.iter(f"{SAID}a")]
    return sorted({h.split("#")[0] for h in found if h.startswith("/") and not h.startswith("//")})


def crawl(client: Callable[..., Any], person: Person, also: list[str]) -> dict[str, tuple[int, bytes]]:
    """Everything a person can reach from `/` and from the addresses in `also`: status and body by address."""
    browser = client(person)
    waiting, seen = ["/", *also], {}
    while waiting and len(seen) < MOST_PAGES:
        url = waiting.pop(0)
        if url in seen or url.startswith("/static"):
            continue
        answer = browser.get(url)
        headers = {k: v for k, v in answer.headers if k in ("Location", "ETag", "Content-Disposition")}
        seen[url] = (answer.status_code, masked(answer.data) + repr(sorted(headers.items())).encode())
        if answer.mimetype == "text/html" and answer.status_code == 200:
            waiting += links(answer.text)
    return seen


def addresses(app: Flask, ids: dict[str, Any]) -> list[str]:
    """Every address that can be asked for with these ids, linked or not."""
    found = []
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or set()) and set(rule.arguments) <= set(ids):
            built = rule.build({name: ids[name] for name in rule.arguments})
            assert built is not None
            found.append(built[1])
    return sorted(found)
