"""Markdown as people write it in packets, rendered and then reduced to an allow-list: no attribute but a link's target
survives, so that nothing in a packet can act in a reader's browser."""

from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

TAGS = {"p", "br", "em", "strong", "ul", "ol", "li", "blockquote", "code", "pre", "a", "hr", "h4", "h5", "h6"}
_HEADINGS = {"h1": "h4", "h2": "h4", "h3": "h5"}
_markdown = MarkdownIt("commonmark", {"html": False, "linkify": False}).disable("image")


@lru_cache(maxsize=2048)
def prose(text: str) -> Markup:
    """Safe HTML of a Markdown text. Headings are lowered below those of the page."""
    tokens = _markdown.parse(text)
    for token in tokens:
        token.tag = _HEADINGS.get(token.tag, token.tag)
    html = _markdown.renderer.render(tokens, _markdown.options, {})
    clean = nh3.clean(
        html,
        tags=TAGS,
        attributes={"a": {"href"}, "*": set()},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )
    return Markup(clean)  # noqa: S704 - reduced to the allow-list one line above
