"""Hints of style beside a text: what a careful colleague would ask on reading it. They never close a step."""

import re

from portal.domain.case_flow import Reason
from portal.domain.packet import Field

_PERCENT = re.compile(r"\d[\d.,]*\s?(?:%|percent\b|per cent\b)")
_FROM_TO = re.compile(r"\bfrom\b.+\bto\b|→|->|\d\s?[–-]\s?\d", re.IGNORECASE | re.DOTALL)
_VAGUE = re.compile(
    r"\b(significant(?:ly)?|substantial(?:ly)?|various|numerous|several|a lot|greatly|massive(?:ly)?)\b", re.I
)
_WE = re.compile(r"\b(we|our|us)\b", re.IGNORECASE)
_I = re.compile(r"\b(I|my|me)\b")
_WORD = re.compile(r"\S+")
LONG_BY = 1.5


def word_count(text: str) -> int:
    return len(_WORD.findall(text))


def style_hints(field: Field, text: str) -> tuple[Reason, ...]:
    """Questions about one field's text, at most one of each kind; none for an empty text."""
    found = (_bare_figure(text), _vague_word(text), _whose_work(field, text), _long(field, text))
    return tuple(hint for hint in found if hint)


def _bare_figure(text: str) -> Reason | None:
    figure = _PERCENT.search(text)
    if figure is None or _FROM_TO.search(text):
        return None
    return Reason("figure", "“%(figure)s”: from what to what, in which period?", (("figure", figure.group()),))


def _vague_word(text: str) -> Reason | None:
    word = _VAGUE.search(text)
    return Reason("vague", "“%(word)s”: how much, or which ones?", (("word", word.group()),)) if word else None


def _whose_work(field: Field, text: str) -> Reason | None:
    if field.code != "contribution" or len(_WE.findall(text)) <= len(_I.findall(text)):
        return None
    return Reason("we", "“we” outweighs “I” here: which part was yours?")


def _long(field: Field, text: str) -> Reason | None:
    count = word_count(text)
    if count <= field.words * LONG_BY:
        return None
    values = (("count", str(count)), ("words", str(field.words)))
    return Reason("long", "%(count)s words; about %(words)s are read with the most care.", values)
