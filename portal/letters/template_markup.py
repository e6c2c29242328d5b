"""The elements a template may use, checked on its source: whatever is not among them is refused, so that a letter stays
accessible and nothing foreign comes in."""

from collections.abc import Iterator
from html.parser import HTMLParser

from jinja2 import nodes

VOID = frozenset({"br"})
INLINE = frozenset({"strong", "em", "span", "br"})
ELEMENTS = INLINE | {"section", "div", "h2", "h3", "p", "ul", "ol", "li", "dl", "dt", "dd", "blockquote"}
ATTRIBUTES = {"class": frozenset({"together", "clause", "asked", "label", "source"}), "dir": frozenset({"auto"})}
Found = tuple[int, str, str]
_STANDS_IN = "\u2063"  # for what the letter fills in; invisible, and never a part of a tag


def markup_problems(block: nodes.Block) -> Iterator[Found]:
    """(line, what is wrong, remedy) for the elements of one block; a headline holds no more than emphasis."""
    reader = _Reader(INLINE if block.name == "headline" else ELEMENTS)
    for line, text in _pieces(block):
        reader.take(line, text)
    reader.close()
    yield from reader.found
    for tag, line in reader.open:
        yield line, f"<{tag}> is not closed.", f"Write </{tag}> where it ends."


def _pieces(node: nodes.Node) -> Iterator[tuple[int, str]]:
    """The source in order, with its lines; of a choice one branch after the other."""
    for child in node.iter_child_nodes():
        if isinstance(child, nodes.TemplateData):
            yield child.lineno, child.data
        elif isinstance(child, nodes.Expr):
            yield child.lineno, _STANDS_IN
        else:
            yield from _pieces(child)


class _Reader(HTMLParser):
    def __init__(self, allowed: frozenset[str]) -> None:
        super().__init__(convert_charrefs=True)
        self._allowed = allowed
        self._ahead, self.found, self.open = 0, list[Found](), list[tuple[str, int]]()

    def take(self, line: int, text: str) -> None:
        """Read a piece that begins on this line of the template."""
        self._ahead = line - self.getpos()[0]
        self.feed(text)

    def _line(self) -> int:
        return self._ahead + self.getpos()[0]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self._allowed:
            allowed = ", ".join(sorted(self._allowed))
            self.found.append((self._line(), f"<{tag}> is not allowed here.", f"There are: {allowed}."))
        for name, value in attrs:
            if value not in ATTRIBUTES.get(name, ()):
                says = f'{name}="{value or ""}" is not allowed.'
                self.found.append((self._line(), says.replace(_STANDS_IN, "…"), "Leave it out."))
        if tag not in VOID:
            self.open.append((tag, self._line()))

    def handle_endtag(self, tag: str) -> None:
        if self.open and self.open[-1][0] == tag:
            self.open.pop()
        else:
            self.found.append((self._line(), f"</{tag}> closes nothing that is open.", "Look at the order."))

    def handle_comment(self, data: str) -> None:
        self.found.append((self._line(), "Comments are not allowed.", "Leave it out."))

    def handle_decl(self, decl: str) -> None:
        self.found.append((self._line(), "Declarations are not allowed.", "Leave it out."))

    def handle_pi(self, data: str) -> None:
        self.found.append((self._line(), "Instructions are not allowed.", "Leave it out."))

    def unknown_decl(self, data: str) -> None:
        self.handle_decl(data)
