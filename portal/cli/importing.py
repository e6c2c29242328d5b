"""`evenbar rubrics import`: a ladder from a sheet or a published framework becomes rubric files in a folder."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from portal.domain.rubric_import import COMPETENCY_KINDS, TRACK_KINDS, Choices, import_ladder

_WHAT_IS_OPEN = (
    "What the source does not say stays open. Three things every competency needs are filled in, and named in the "
    "file's opening comment: equal weights, the kind functional, the pillar not-stated. A level without a track is ic."
)


def add_to(actions: Any) -> None:
    formats = actions.add_parser("import", help="make rubric files from a ladder written elsewhere")
    kinds = formats.add_subparsers(dest="file_format", required=True, metavar="FORMAT")
    matrix = _parser(kinds, "csv-matrix", "FILE", "a sheet: competency, then a column for each level id")
    matrix.epilog = (
        "Optional columns: pillar, kind, weight. A header may name the kind of track, as in manager:em. "
        + _WHAT_IS_OPEN
    )
    job_family = _parser(kinds, "ft", "FILE", "a job family of the Financial Times' engineering-progression (YAML)")
    job_family.epilog = (
        "A level id that ends in -ic or -pm names its track; the two are taken as peers. " + _WHAT_IS_OPEN
    )
    frameworks = _parser(kinds, "monzo", "DIR", "a folder of frameworks in the format of Monzo's progression-framework")
    frameworks.epilog = "Each file becomes a family; the generic framework's topics are joined in. " + _WHAT_IS_OPEN
    for one in (matrix, job_family):
        one.add_argument("--family-id", default="", metavar="ID")
        one.add_argument("--family-name", default="", metavar="NAME")
        _add_pairs(one, "--level-track", "LEVEL=KIND", TRACK_KINDS, "the kind of track a level stands on")
    _add_pairs(frameworks, "--family-track", "FAMILY=KIND", TRACK_KINDS, "the kind of track of a whole family")


def _parser(kinds: Any, name: str, source: str, what: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = kinds.add_parser(name, help=what, description=f"Reads {what}.")
    parser.add_argument("source", type=Path, metavar=source)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="a folder, new or without rubric files")
    parser.add_argument("--org-id", default="imported", metavar="ID", help="id of the organisation; default: imported")
    parser.add_argument("--track-kind", choices=TRACK_KINDS, help="kind of the levels whose track is not said")
    _add_pairs(parser, "--kind", "COMPETENCY=KIND", COMPETENCY_KINDS, "the kind of a competency")
    parser.set_defaults(run=_import, level_track=[], family_track=[], family_id="", family_name="")
    return parser


def _add_pairs(parser: argparse.ArgumentParser, option: str, shape: str, words: tuple[str, ...], what: str) -> None:
    help_text = f"{what}, one of {', '.join(words)}; may be repeated"
    parser.add_argument(option, action="append", default=[], metavar=shape, type=_pair(shape, words), help=help_text)


def _pair(shape: str, words: tuple[str, ...]) -> Callable[[str], tuple[str, str]]:
    def read(text: str) -> tuple[str, str]:
        name, _, word = text.rpartition("=")
        if not name or word not in words:
            raise argparse.ArgumentTypeError(f"{text!r} is not {shape} with one of {', '.join(words)}")
        return name, word

    return read


def _import(given: argparse.Namespace) -> int:
    choices = Choices(
        org_id=given.org_id,
        family_id=given.family_id,
        family_name=given.family_name,
        track_kind=given.track_kind,
        level_tracks=dict(given.level_track),
        family_tracks=dict(given.family_track),
        kinds=dict(given.kind),
    )
    imported = import_ladder(given.file_format, given.source, given.out, choices)
    for remark in imported.remarks:
        print(remark)
    for file in imported.files:
        print(f"wrote {file}")
    print(f"next: evenbar rubrics check {given.out}")
    return 0
