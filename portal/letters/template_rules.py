"""What a template may hold: text, a few plain elements, the names of a letter's data, and the simplest of Jinja. What
is refused is said with its line and a remedy. There is no way in it to call, to count far, or to nest deeply, so that
no template can reach beyond the letter or take the portal's time."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from jinja2 import TemplateError, TemplateSyntaxError, nodes

from portal.domain.case_types import CaseType, Outcome
from portal.letters.language import phrases
from portal.letters.samples import Subject, sample, with_gaps
from portal.letters.template_markup import markup_problems
from portal.letters.typesetting import FRAME, compiled, environment, frame_of, values

BLOCKS = ("headline", "opening", "outcome", "closing")
FILTERS = ("day", "join", "length", "first", "last", "lower", "upper", "capitalize", "trim")
DEEPEST = 2
LONGEST_JOINT = 20  # letters between the parts of a list
LONGEST = 20_000
_KNOWN = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Const,
    nodes.Getattr,
    nodes.Getitem,
    nodes.Filter,
    nodes.Test,
    nodes.If,
    nodes.For,
    nodes.Block,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.CondExpr,
    nodes.Concat,
    nodes.Extends,
    nodes.Keyword,
)
_MUST = ("headline", "opening")
_UNKNOWN = object()


@dataclass(frozen=True, order=True)
class TemplateProblem:
    """What is wrong on which line, and what to do about it."""

    line: int
    says: str
    remedy: str

    def __str__(self) -> str:
        return f"Line {self.line}: {self.says} {self.remedy}".strip()


def problems_in(text: str, outcome: Subject, case_type: CaseType, language: str) -> tuple[TemplateProblem, ...]:
    """Every problem of a template, by line; empty when it can be used."""
    if len(text) > LONGEST:
        return (TemplateProblem(1, f"The template is longer than {LONGEST} characters.", "Shorten it."),)
    try:
        tree = environment(language).parse(FRAME + text)
    except TemplateSyntaxError as error:
        return (TemplateProblem(error.lineno, f"{error.message}.", "Look for a brace or an end that is missing."),)
    data = sample(outcome, case_type, language)
    found = [*_forbidden(tree), *_blocks(tree), *_names(tree, data), *markup(tree), *_unsaid(tree, outcome, language)]
    return tuple(sorted(set(found))) or tuple(_filled(text, data, language))


def markup(tree: nodes.Template) -> Iterator[TemplateProblem]:
    for block in tree.find_all(nodes.Block):
        for line, says, remedy in markup_problems(block):
            yield TemplateProblem(line, says, remedy)


def _forbidden(tree: nodes.Template) -> Iterator[TemplateProblem]:
    for node in _walk(tree):
        line = node.lineno or 1
        if isinstance(node, nodes.Scope):
            continue  # comes with an {% autoescape %}, which is refused by itself
        if not isinstance(node, _KNOWN):
            what = type(node).__name__
            yield TemplateProblem(line, f"“{what}” is not for letters.", "Use text, if, for and the letter's names.")
        elif isinstance(node, nodes.Filter) and node.name not in FILTERS:
            remedy = f"There are: {', '.join(FILTERS)}."
            yield TemplateProblem(line, f"There is no filter “{node.name}” for letters.", remedy)
    for other in list(tree.find_all(nodes.Extends))[1:]:
        yield TemplateProblem(other.lineno, "A template cannot take another frame.", "Leave {% extends … %} out.")
    yield from _too_deep(tree, 0)


def _walk(node: nodes.Node) -> Iterator[nodes.Node]:
    yield node
    for child in node.iter_child_nodes():
        yield from _walk(child)


def _too_deep(node: nodes.Node, depth: int) -> Iterator[TemplateProblem]:
    depth += isinstance(node, nodes.For)
    if depth > DEEPEST:
        yield TemplateProblem(node.lineno, f"Loops stand inside {DEEPEST} others.", "Use fewer.")
        return
    for child in node.iter_child_nodes():
        yield from _too_deep(child, depth)


def _blocks(tree: nodes.Template) -> Iterator[TemplateProblem]:
    there = {block.name: block for block in tree.find_all(nodes.Block)}
    for name, block in there.items():
        if name not in BLOCKS:
            yield TemplateProblem(block.lineno, f"There is no block “{name}”.", f"There are: {', '.join(BLOCKS)}.")
    for name in _MUST:
        if name not in there:
            yield TemplateProblem(1, f"The block “{name}” is missing.", f"Write {{% block {name} %}}…{{% endblock %}}.")
    for node in tree.body:
        if isinstance(node, nodes.Output) and (stray := _text(node).strip()):
            yield TemplateProblem(node.lineno, f"“{stray[:40]}” stands outside of the blocks.", "Nobody sees it.")


def _text(node: nodes.Output) -> str:
    return "".join(child.data if isinstance(child, nodes.TemplateData) else "{{ }}" for child in node.nodes)


def _names(tree: nodes.Template, data: dict[str, Any]) -> list[TemplateProblem]:
    reader = _Reader()
    for child in tree.body:
        reader.read(child, {"letter": data})
    return reader.found


class _Reader:
    """Follows each name through the data of a complete letter, also where no case would lead today."""

    def __init__(self) -> None:
        self.found: list[TemplateProblem] = []

    def read(self, node: nodes.Node, scope: dict[str, Any]) -> Any:
        """What the expression stands for in the sample; None for anything without parts."""
        if isinstance(node, nodes.Name):
            return self._pick(scope, node.name, "", node.lineno)
        if isinstance(node, nodes.Getattr):
            return self._below(self.read(node.node, scope), node.attr, node)
        if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
            return self._below(self.read(node.node, scope), node.arg.value, node)
        if isinstance(node, nodes.For):
            return self._loop(node, scope)
        if isinstance(node, nodes.Filter) and node.name == "join":
            self._join(node, scope)
        for child in node.iter_child_nodes():
            self.read(child, scope)
        return None

    def _loop(self, node: nodes.For, scope: dict[str, Any]) -> None:
        many = self.read(node.iter, scope)
        if not isinstance(many, list) and many is not _UNKNOWN:
            says = f"“{_path(node.iter)}” is no list, so there is nothing to loop over."
            self.found.append(TemplateProblem(node.lineno, says, "Loop over a list of the letter."))
        one = many[0] if isinstance(many, list) and many else None
        inner = scope | {"loop": {"index": 1, "first": True, "last": False, "length": 1}}
        if isinstance(node.target, nodes.Name):
            inner[node.target.name] = one
        for child in [*node.body, *node.else_, *([node.test] if node.test else [])]:
            self.read(child, inner)

    def _join(self, node: nodes.Filter, scope: dict[str, Any]) -> None:
        """Only a list, and with little between: a joined text joined again and again would fill the memory."""
        joint = node.args[0] if len(node.args) == 1 and not node.kwargs else nodes.Const("") if not node.args else None
        short = isinstance(joint, nodes.Const) and isinstance(joint.value, str) and len(joint.value) <= LONGEST_JOINT
        there = node.node if isinstance(node.node, nodes.Getattr | nodes.Getitem | nodes.Name) else None
        many = _Reader().read(there, scope) if there else None
        if not short or (not isinstance(many, list) and many is not _UNKNOWN):
            remedy = f"Name a list, and at most {LONGEST_JOINT} letters to stand between its parts."
            self.found.append(TemplateProblem(node.lineno, "“join” is for a list of the letter.", remedy))

    def _below(self, value: Any, key: Any, node: nodes.Getattr | nodes.Getitem) -> Any:
        if isinstance(value, list) and isinstance(key, int):
            return value[0] if value else None
        if isinstance(value, dict):
            return self._pick(value, str(key), _path(node.node), node.lineno)
        if value is _UNKNOWN:
            return _UNKNOWN
        says = f"“{_path(node)}” is not known: “{_path(node.node)}” has no parts."
        self.found.append(TemplateProblem(node.lineno, says, "Print it as it is."))
        return None

    def _pick(self, there: dict[str, Any], key: str, before: str, line: int) -> Any:
        if key in there:
            return there[key]
        near = difflib.get_close_matches(key, list(there), n=1)
        full = f"{before}.{key}" if before else key
        meant = f"Did you mean “{near[0]}”?" if near else f"Known here: {', '.join(there)}."
        self.found.append(TemplateProblem(line, f"“{full}” is not known.", meant))
        return _UNKNOWN


def _path(node: nodes.Node) -> str:
    if isinstance(node, nodes.Getattr):
        return f"{_path(node.node)}.{node.attr}"
    if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
        return f"{_path(node.node)}.{node.arg.value}"
    return node.name if isinstance(node, nodes.Name) else "…"


def _unsaid(tree: nodes.Template, outcome: Subject, language: str) -> Iterator[TemplateProblem]:
    if outcome not in (Outcome.NOT_YET, Outcome.DECLINED):
        return
    for node in tree.find_all(nodes.TemplateData):
        for word in money_words(node.data, language):
            yield TemplateProblem(
                node.lineno,
                f"“{word}” is not for this outcome.",
                "Money and places are no reason; leave it out.",
            )


def money_words(text: str, language: str) -> list[str]:
    """The words in a text that a "not yet" never says, by language."""
    folded = text.casefold()
    return [word for word in phrases(language)["unsaid"]["words"] if word in folded]


def _filled(text: str, data: dict[str, Any], language: str) -> Iterator[TemplateProblem]:
    """The last word has a fill with a complete letter and with one that lacks what may be lacking."""
    for one in (data, with_gaps(data)):
        if why := why_not_filled(text, one, language):
            yield why
            return


def why_not_filled(text: str, data: dict[str, Any], language: str) -> TemplateProblem | None:
    """Why a template cannot be filled with this letter, or None; never raises."""
    try:
        template = compiled(language, text, frame_of(data))
        context = template.new_context(values(data, data_sha256="0" * 64, base_url="http://localhost"))
        headline = "".join(template.blocks["headline"](context)).strip()
        for name in set(BLOCKS) & set(template.blocks):
            "".join(template.blocks[name](context))
    except (TemplateError, TypeError, ValueError, KeyError, AttributeError) as error:
        line = _line_of(error, language, text, frame_of(data))
        return TemplateProblem(line, f"It cannot be filled: {error}.", "Ask first whether it is there: {% if … %}.")
    if not headline:
        return TemplateProblem(1, "The headline is empty.", "Say in it what was decided.")
    return None


def _line_of(error: BaseException, language: str, text: str, frame: str) -> int:
    """The line of the template on which it failed."""
    if isinstance(error, TemplateSyntaxError):
        return error.lineno
    template, trace, line = compiled(language, text, frame), error.__traceback__, 1
    while trace is not None:
        if trace.tb_frame.f_code.co_name.startswith("block_"):
            line = template.get_corresponding_lineno(trace.tb_lineno)
        trace = trace.tb_next
    return line
