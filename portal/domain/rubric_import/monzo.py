"""Reads progression frameworks in Monzo's format: Markdown files with topics, and criteria by level, as front matter.

A file is a family, a topic a pillar and a competency, a level a number. Criteria become the expectation, examples its
signals. A topic with the name of one in the generic framework (`path: "/generic"`) takes that one's title and, before
its own, that one's criteria, as the format has it; the generic framework is a family only when it stands alone.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from portal.domain.rubric_import.choices import Choices
from portal.domain.rubric_import.draft import ID, Cell, Draft, DraftCompetency, DraftFamily, identifier
from portal.domain.rubric_import.source_problems import Problems, read_source
from portal.domain.rubric_import.yaml_source import Table, read_table

_FENCE = "---"
_GENERIC = re.compile(r"/?(frameworks/)?generic/?")
_PAGE = {"path", "title", "sidebarTitle", "sidebarGroup", "yaml", "levels", "homepage", "topics"}


@dataclass
class _Topic:
    """A topic: its title and description as written, criteria and examples by level."""

    title: str
    about: str
    criteria: dict[int, list[str]] = field(default_factory=dict)
    examples: dict[int, list[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class _Framework:
    file: str
    id: str
    name: str
    is_generic: bool
    levels: int
    topics: Mapping[str, _Topic]


def read_frameworks(source: Path, choices: Choices, problems: Problems) -> Draft | None:
    """The draft of every framework below a folder (its `frameworks/`, where it has one), or None.

    What is wrong, and which files are prose without topics, is in `problems`.
    """
    folder = source / "frameworks" if (source / "frameworks").is_dir() else source
    if not folder.is_dir():
        problems.tell(str(source), "no such folder; name the folder that holds the frameworks")
        return None
    read = [_framework(path, folder, problems) for path in sorted(folder.rglob("*.md"))]
    found = [framework for framework in read if framework]
    generic = next((framework for framework in found if framework.is_generic), None)
    families = [framework for framework in found if framework is not generic] or found
    if not families and not problems.found:
        problems.tell(str(folder), "no Markdown file here has front matter with topics (yaml: true)")
    _check_ids(families, problems)
    shared = generic.topics if generic and families is not found else {}
    drafts = tuple(_family(framework, shared, choices) for framework in families)
    pillars = {entry.id: entry.name for family in reversed(drafts) for entry in family.competencies}
    choices.check_names(problems, families=[family.id for family in drafts], competencies=pillars)
    return Draft(choices.org_id, pillars, drafts)


def _check_ids(families: Iterable[_Framework], problems: Problems) -> None:
    files: dict[str, str] = {"org": "the organisation's file"}
    for framework in families:
        first = files.setdefault(framework.id, framework.file)
        if first != framework.file:
            problems.tell(framework.file, f'would be the family "{framework.id}", as {first} is; rename the file')
        if not ID.fullmatch(framework.id):
            problems.tell(framework.file, "no id can be made of the file's name; rename it in Latin letters")


def _framework(path: Path, folder: Path, problems: Problems) -> _Framework | None:
    text = read_source(path, problems)
    matter = _front_matter(text or "")
    if text is not None and not matter:
        problems.remark(f"{path} has no front matter, so it was passed over")
    page = read_table(matter, str(path), problems, before=1) if matter else None
    if page is None:
        return None
    page.only(_PAGE, "the front matter")
    if page.text("yaml", needed=False) == "false" or not page.has("topics"):
        problems.remark(f"{path} is prose without topics, so it was passed over")
        return None
    topics = _topics(page)
    return _Framework(
        file=str(path),
        id="-".join(identifier(part) for part in path.relative_to(folder).with_suffix("").parts),
        name=_plain(page.text("title")),
        is_generic=bool(_GENERIC.fullmatch(page.text("path", needed=False))),
        levels=_count(page, topics),
        topics=topics,
    )


def _front_matter(text: str) -> str:
    """What stands between the first line, `---`, and the next such line; "" where there is none."""
    lines = text.split("\n")
    rest = [line.rstrip() for line in lines[1:]]
    return "\n".join(lines[1 : rest.index(_FENCE) + 1]) if lines[0].rstrip() == _FENCE and _FENCE in rest else ""


def _plain(title: str) -> str:
    """A title without the pictograms in front of it."""
    return re.sub(r"^[^\w(]+", "", title) or title


def _count(page: Table, topics: Mapping[str, _Topic]) -> int:
    """How many levels: as the page says, else up to the highest that has criteria."""
    highest = max((level for topic in topics.values() for level in (*topic.criteria, *topic.examples)), default=0)
    said = page.number("levels")
    if said is not None and highest > said:
        page.tell("levels", f"says {said} levels, but a topic has level {highest}; correct one of them")
    return max(said or 0, highest)


def _topics(page: Table) -> dict[str, _Topic]:
    topics: dict[str, _Topic] = {}
    for table in page.tables("topics"):
        table.only({"name", "title", "description", "content"}, "a topic")
        name = table.text("name")
        topic_id = identifier(name)
        if topic_id in topics:
            table.tell("name", f'a second topic with the id "{topic_id}"; join the two or rename one')
        elif name and not topic_id:
            table.tell("name", f'"{name}" has no Latin letter or digit to make an id of; name it in Latin letters')
        title = _plain(table.text("title", needed=False)) or name[:1].upper() + name[1:]
        topic = _Topic(title, table.text("description", needed=False))
        for content in table.tables("content"):
            _read_content(content, topic)
        topics.setdefault(topic_id, topic)
    return topics


def _read_content(content: Table, topic: _Topic) -> None:
    content.only({"level", "criteria", "exampleCriteria"}, "the content of a topic")
    level = content.number("level")
    if not content.has("level"):
        content.tell("level", '"level" is missing; write which level these criteria are for')
    criteria, examples = content.texts("criteria"), []
    for entry in content.tables("exampleCriteria"):
        entry.only({"criteria", "examples"}, "an example")
        criteria.append(entry.text("criteria"))
        examples += entry.texts("examples")
    if level is not None:
        topic.criteria.setdefault(level, []).extend(criteria)
        topic.examples.setdefault(level, []).extend(examples)


def _family(framework: _Framework, generic: Mapping[str, _Topic], choices: Choices) -> DraftFamily:
    numbers = range(1, framework.levels + 1)
    levels = tuple(choices.level(f"level-{n}", f"Level {n}", None, framework.id) for n in numbers)
    competencies = tuple(_competencies(framework, generic, choices))
    return DraftFamily(framework.id, framework.name, Path(framework.file).name, levels, competencies)


def _competencies(framework: _Framework, generic: Mapping[str, _Topic], choices: Choices) -> Iterator[DraftCompetency]:
    for topic_id, topic in framework.topics.items():
        shared = generic.get(topic_id)
        parts = [shared, topic] if shared else [topic]
        title, about = (shared.title, shared.about or topic.about) if shared else (topic.title, topic.about)
        cells = {f"level-{level}": _cell(parts, level) for level in range(1, framework.levels + 1)}
        written = {level_id: cell for level_id, cell in cells.items() if cell.text}
        yield DraftCompetency(topic_id, title, written, topic_id, about, choices.kinds.get(topic_id))


def _cell(parts: Iterable[_Topic], level: int) -> Cell:
    criteria = [criterion for topic in parts for criterion in topic.criteria.get(level, ())]
    examples = [example for topic in parts for example in topic.examples.get(level, ())]
    return Cell("\n".join(map(_sentence, criteria)), signals=tuple(examples))


def _sentence(criterion: str) -> str:
    """A criterion with a full stop, since it stands in a running text from here on."""
    return criterion if criterion.endswith((".", "!", "?", "…", ":", ";")) else f"{criterion}."
