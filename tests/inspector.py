"""Reads every page a test opens, as a careful browser would: strict HTML, one h1, labelled fields, forms that lead
somewhere and carry a token, no inline code."""

import xml.etree.ElementTree as ET

import html5lib
from flask import Flask
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.test import TestResponse

SAID = "{http://www.w3.org/1999/xhtml}"


def inspect_page(response: TestResponse, app: Flask) -> None:
    if response.mimetype != "text/html" or response.status_code >= 500 or response.status_code in (204, 303):
        return
    text = response.text
    if not text.lstrip().lower().startswith("<!doctype"):
        return
    parser = html5lib.HTMLParser(strict=True)
    tree = parser.parse(text)
    problems = [*_structure(tree), *_inline(tree), *_labels(tree), *_forms(tree, app)]
    assert not problems, f"{response.request.path}: {'; '.join(problems)}"


def _structure(tree: ET.Element) -> list[str]:
    found = []
    if (count := len(list(tree.iter(f"{SAID}h1")))) != 1:
        found.append(f"{count} h1")
    ids = [e.get("id") for e in tree.iter() if e.get("id")]
    found += [f"id {i} twice" for i in {i for i in ids if ids.count(i) > 1}]
    title = next(tree.iter(f"{SAID}title"), None)
    if title is None or not (title.text or "").strip():
        found.append("no title")
    return found


def _inline(tree: ET.Element) -> list[str]:
    found = []
    for e in tree.iter():
        found += [f"inline {name}" for name in e.attrib if name == "style" or (name.startswith("on") and len(name) > 4)]
        if e.tag == f"{SAID}style" or (e.tag == f"{SAID}script" and not e.get("src") and e.get("type") is None):
            found.append(f"inline {e.tag.removeprefix(SAID)}")
    return found


def _labels(tree: ET.Element) -> list[str]:
    labelled = {e.get("for") for e in tree.iter(f"{SAID}label")}
    found = []
    for tag in ("input", "select", "textarea"):
        for e in tree.iter(f"{SAID}{tag}"):
            if e.get("type") in ("hidden", "submit", "button"):
                continue
            named = e.get("id") in labelled or e.get("aria-label") or e.get("aria-labelledby")
            if not named and not _inside_label(tree, e):
                found.append(f"no label for {tag} {e.get('name')}")
    return found


def _inside_label(tree: ET.Element, wanted: ET.Element) -> bool:
    return any(wanted in label.iter() for label in tree.iter(f"{SAID}label"))


def _forms(tree: ET.Element, app: Flask) -> list[str]:
    urls = app.url_map.bind("localhost")
    found = []
    for form in tree.iter(f"{SAID}form"):
        method = (form.get("method") or "get").upper()
        action = (form.get("action") or "").split("?")[0]
        if action:
            try:
                urls.match(action, method=method)
            except (NotFound, MethodNotAllowed):
                found.append(f"form leads to {method} {action}, which does not exist")
        names = {e.get("name") for e in form.iter(f"{SAID}input")}
        if method == "POST" and "csrf_token" not in names:
            found.append(f"form to {action} has no token")
    return found
