"""Many PDFs as one, page after page, with an outline, the structure of each kept: a screen reader finds in the whole
what it found in the parts."""

import io
import tempfile
from collections.abc import Iterable
from contextlib import ExitStack
from typing import Any, BinaryIO, cast

import pikepdf
from pikepdf import Array, Dictionary, Name, OutlineItem, Pdf, String

_IN_MEMORY = 8 * 1024 * 1024  # a larger result waits on the disk


def merge(parts: Iterable[tuple[str, bytes]], *, title: str, language: str) -> BinaryIO:
    """The PDFs in the order given, each under its entry of the outline, as an open temporary file that stands at its
    beginning and is gone once it is closed. The same parts give the same bytes."""
    out = pikepdf.new()
    with ExitStack() as stack:
        tree = _Tree(out)
        with out.open_outline() as outline:
            for heading, data in parts:
                source = stack.enter_context(pikepdf.open(io.BytesIO(data)))
                outline.root.append(OutlineItem(heading, len(out.pages)))
                tree.add(source)
        tree.finish(language)
        _describe(out, title, language)
        file: Any = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115
        out.save(file, deterministic_id=True)
    file.seek(0)
    return cast(BinaryIO, file)


class _Tree:
    """The structure of the whole: each part's own tree becomes a child, and its numbers follow those before."""

    def __init__(self, out: Pdf) -> None:
        self._out, self._next, self._parts = out, 0, 0
        self._root = out.make_indirect(Dictionary(Type=Name.StructTreeRoot))
        self._kids, self._numbers = Array(), Array()
        self._ids: list[tuple[bytes, Any]] = []

    def add(self, source: Pdf) -> None:
        first = len(self._out.pages)
        self._out.pages.extend(source.pages)
        pages = list(self._out.pages)[first:]
        found = source.Root.get(Name.StructTreeRoot)
        if found is None:
            return
        copied = self._out.copy_foreign(found)
        self._parts += 1
        for kid in _listed(copied.K):
            self._name(kid)
            kid.P = self._root
            self._kids.append(kid)
        highest = self._renumber(copied, pages)
        self._next += highest + 1

    def _name(self, element: Any) -> None:
        """Cells name their headers by id: ids of different parts must not be the same."""
        if not isinstance(element, Dictionary) or Name.S not in element:
            return
        if Name.ID in element:
            element.ID = self._own(element.ID)
            self._ids.append((bytes(element.ID), element))
        about = element.get(Name.A)
        if isinstance(about, Dictionary) and Name.Headers in about:
            about.Headers = Array([self._own(header) for header in about.Headers])
        for kid in _listed(element.get(Name.K, Array())):
            self._name(kid)

    def _own(self, name: Any) -> String:
        return String(f"{self._parts}-".encode() + bytes(name))

    def _renumber(self, copied: Any, pages: list[Any]) -> int:
        offset, highest = self._next, 0
        numbers = _numbers(copied.ParentTree)
        for number, value in numbers:
            self._numbers.append(number + offset)
            self._numbers.append(value)
            highest = max(highest, number)
        for page in pages:
            _shift(page.obj, Name.StructParents, offset)
            for annotation in page.obj.get(Name.Annots, []):
                _shift(annotation, Name.StructParent, offset)
        return highest

    def finish(self, language: str) -> None:
        self._root.K = self._kids
        self._root.ParentTree = self._out.make_indirect(Dictionary(Nums=self._numbers))
        self._root.ParentTreeNextKey = self._next
        if self._ids:
            pairs = [
                part
                for name, element in sorted(self._ids, key=lambda pair: pair[0])
                for part in (String(name), element)
            ]
            self._root.IDTree = self._out.make_indirect(Dictionary(Names=Array(pairs)))
        root = self._out.Root
        root.StructTreeRoot = self._root
        root.MarkInfo = Dictionary(Marked=True)
        root.Lang = String(language)


def _listed(kids: Any) -> list[Any]:
    return list(kids) if isinstance(kids, Array) else [kids]


def _numbers(node: Any) -> list[tuple[int, Any]]:
    """The pairs of a number tree, which may have branches."""
    pairs = list(node.get(Name.Nums, []))
    found = [(int(pairs[i]), pairs[i + 1]) for i in range(0, len(pairs), 2)]
    for below in node.get(Name.Kids, []):
        found += _numbers(below)
    return found


def _shift(thing: Any, key: Name, offset: int) -> None:
    if key in thing:
        thing[key] = int(thing[key]) + offset


def _describe(out: Pdf, title: str, language: str) -> None:
    out.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
    out.Root.PageMode = Name.UseOutlines
    out.docinfo[Name.Title] = title
    with out.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as about:
        about["dc:title"] = title
        about["dc:language"] = [language]
        about["pdfuaid:part"] = "1"
