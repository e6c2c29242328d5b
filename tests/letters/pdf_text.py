"""The words of a PDF, read through each font's own map from glyphs to characters, as a reader or a screen reader gets
them."""

import io
import re
from collections.abc import Iterator
from typing import Any

import pikepdf

_CHAR = re.compile(r"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>")
_BLOCK = re.compile(r"beginbf(char|range)(.*?)endbf", re.DOTALL)
_RANGE = re.compile(r"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>")


def text_of(pdf: bytes) -> str:
    """Everything that is written on the pages, in the order it was set, white space made one."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        pages = [_page(page) for page in document.pages]
    return " ".join(" ".join(pages).split())


def _page(page: Any) -> str:
    fonts = {name: _map(font) for name, font in page.Resources.Font.items()}
    words, current = [], {}
    for operands, operator in pikepdf.parse_content_stream(page):
        name = str(operator)
        if name == "Tf":
            current = fonts[str(operands[0])]
        elif name == "TJ":
            words += [_decode(bytes(part), current) for part in operands[0] if isinstance(part, pikepdf.String)]
        elif name == "Tj":
            words.append(_decode(bytes(operands[0]), current))
        elif name == "ET":
            words.append(" ")
    return "".join(words)


def _decode(data: bytes, glyphs: dict[int, str]) -> str:
    return "".join(glyphs.get(int.from_bytes(data[i : i + 2]), "") for i in range(0, len(data), 2))


def _map(font: Any) -> dict[int, str]:
    found: dict[int, str] = {}
    for kind, body in _BLOCK.findall(bytes(font.ToUnicode.read_bytes()).decode("latin-1")):
        if kind == "char":
            found |= {int(code, 16): _chars(text) for code, text in _CHAR.findall(body)}
            continue
        for first, last, text in _RANGE.findall(body):
            start = int(text, 16)
            found |= {code: chr(start + i) for i, code in enumerate(range(int(first, 16), int(last, 16) + 1))}
    return found


def _chars(text: str) -> str:
    return bytes.fromhex(text).decode("utf-16-be")


def elements(document: pikepdf.Pdf) -> Iterator[Any]:
    """The structure elements in reading order."""

    def walk(node: Any) -> Iterator[Any]:
        if isinstance(node, pikepdf.Array):
            for kid in node:
                yield from walk(kid)
        elif isinstance(node, pikepdf.Dictionary) and "/S" in node:
            yield node
            yield from walk(node.get("/K"))

    return walk(document.Root.StructTreeRoot.K)
