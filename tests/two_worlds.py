"""Two worlds that differ in one secret, crawled as someone who may not know it: every byte must be the same."""

import html
import re
from collections.abc import Iterator
from typing import Any

from flask import Flask

MASKS = (
    (re.compile(rb'name="csrf_token" value="[^"]*"'), b"csrf"),
    (re.compile(rb'name="csrf-token" content="[^"]*"'), b"csrf"),
    (re.compile(rb'name="idempotency_token" value="[^"]*"'), b"idempotency"),
)
HREF = re.compile(r'<a\b[^>]*?\bhref="(/(?!/)[^"]*)"')
# Pages that say nothing of any case; of the letters' templates one is enough, each shows the same cases.
STILL = re.compile(r"^/(static|ladders/|people/|account|letters/templates/(?!approved/any/en))")
MOST_PAGES = 400


def masked(data: bytes) -> bytes:
    for pattern, word in MASKS:
        data = pattern.sub(word, data)
    return data


def links(text: str) -> list[str]:
    return sorted({html.unescape(h).split("#")[0] for h in HREF.findall(text)})


def crawl(browser: Any, also: list[str]) -> dict[str, tuple[int, bytes]]:
    """Everything somebody can reach from `/` and from the addresses in `also`: status and body by address."""
    seen: dict[str, tuple[int, bytes]] = {}
    waiting = ["/", *also]
    while waiting and len(seen) < MOST_PAGES:
        url = waiting.pop(0)
        if url not in seen and not STILL.match(url):
            seen[url], found = look(browser, url)
            waiting += found
    return seen


def differing(here: Any, there: Any, also: list[str]) -> Iterator[str]:
    """The addresses at which somebody finds in one world what they do not find in the other, as they are come upon."""
    seen: set[str] = set()
    waiting = ["/", *also]
    while waiting and len(seen) < MOST_PAGES:
        url = waiting.pop(0)
        if url in seen or STILL.match(url):
            continue
        seen.add(url)
        (one, found), (other, more) = look(here, url), look(there, url)
        waiting += found if found == more else [*found, *more]
        if one != other:
            yield url


def look(browser: Any, url: str) -> tuple[tuple[int, bytes], list[str]]:
    """What an address answers, without what is random in it, and where its links lead."""
    browser.reads = False
    answer = browser.get(url)
    headers = {k: v for k, v in answer.headers if k in ("Location", "ETag", "Content-Disposition")}
    page = answer.mimetype == "text/html" and answer.status_code == 200
    body = masked(answer.data) + repr(sorted(headers.items())).encode()
    return (answer.status_code, body), links(answer.text) if page else []


def addresses(app: Flask, ids: dict[str, Any]) -> list[str]:
    """Every address that can be asked for with these ids, linked or not."""
    found = []
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or set()) and set(rule.arguments) <= set(ids):
            built = rule.build({name: ids[name] for name in rule.arguments})
            assert built is not None
            found.append(built[1])
    return sorted(found)
