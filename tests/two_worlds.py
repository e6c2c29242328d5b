"""Two worlds that differ in one secret, crawled as someone who may not know it: every byte must be the same."""

import html
import re
from collections.abc import Callable
from typing import Any

from flask import Flask

from portal.models.person import Person

MASKS = (
    (re.compile(rb'name="csrf_token" value="[^"]*"'), b"csrf"),
    (re.compile(rb'name="csrf-token" content="[^"]*"'), b"csrf"),
    (re.compile(rb'name="idempotency_token" value="[^"]*"'), b"idempotency"),
)
HREF = re.compile(r'<a\b[^>]*?\bhref="(/(?!/)[^"]*)"')
# Pages that say nothing of any case; each is compared once as the start of the crawl reaches it.
STILL = re.compile(r"^/(static|ladders/|people/|account)")
MOST_PAGES = 400


def masked(data: bytes) -> bytes:
    for pattern, word in MASKS:
        data = pattern.sub(word, data)
    return data


def links(text: str) -> list[str]:
    return sorted({html.unescape(h).split("#")[0] for h in HREF.findall(text)})


def crawl(client: Callable[..., Any], person: Person, also: list[str]) -> dict[str, tuple[int, bytes]]:
    """Everything a person can reach from `/` and from the addresses in `also`: status and body by address."""
    browser = client(person)
    browser.reads = False
    waiting, seen = ["/", *also], {}
    while waiting and len(seen) < MOST_PAGES:
        url = waiting.pop(0)
        if url in seen or STILL.match(url):
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
