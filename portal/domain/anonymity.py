"""Names taken out of a text, and what may still be one: for packets that others are to score without knowing whose they
were."""

import re
from collections.abc import Iterable, Mapping

_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_LINK = re.compile(r"(?:https?://|www\.)\S+")
_CAPITALISED = re.compile(r"\b[^\W\d_a-z][\w'’-]*(?:\s+[^\W\d_a-z][\w'’-]*)+")
FEW = 3  # with fewer writers or voters than these, a name drawn at random hides nobody
SHORTEST = 3  # letters of a part of a name that is taken out by itself


def without_names(text: str, names: Mapping[str, str]) -> str:
    """The text with every name replaced by what `names` says for it, whole or by its parts, possessives kept; addresses
    and links, which tell as much, by words of their own."""
    text = _LINK.sub("[link taken out]", _ADDRESS.sub("[address taken out]", text))
    for name, instead in sorted(names.items(), key=lambda pair: -len(pair[0])):
        for part in (name, *(word for word in name.split() if len(word) >= SHORTEST)):
            text = re.sub(rf"(?<!\w){re.escape(part)}(?!\w)", instead, text, flags=re.IGNORECASE)
    return text


def phrases(text: str) -> list[str]:
    """Runs of two and three capitalised words, which is what names look like, each once and in order."""
    found: dict[str, None] = {}
    for run in _CAPITALISED.findall(text):
        words = run.split()
        for size in (2, 3):
            for start in range(len(words) - size + 1):
                found[" ".join(words[start : start + size])] = None
    return list(found)


def addresses(text: str) -> list[str]:
    """Email addresses in the text, in order."""
    return _ADDRESS.findall(text)


def own_marks(text: str, *, name: str, email: str, known: str) -> list[str]:
    """What in a text tells that a person wrote it: their name, each longer part of it, their address.
    Parts of `known`, the name of whom the text is about, tell nothing."""
    shared = set(known.split())
    parts = [part for part in name.split() if len(part) >= SHORTEST and part not in shared]
    found = {part for part in (name, *parts) if re.search(rf"(?<!\w){re.escape(part)}(?!\w)", text)}
    return sorted({*found, *(one for one in addresses(text) if one.lower() == email.lower())})


def suspects(text: str, known: Iterable[str]) -> list[str]:
    """What in the text may still tell who it is: names that are known, addresses, links."""
    names = [name for name in known if name in text]
    return [*sorted(names), *_ADDRESS.findall(text), *_LINK.findall(text)]
