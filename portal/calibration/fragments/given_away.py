"""The same figures to take along: plain data, rows of a table, and the committee's report."""

from typing import Any

from portal.calibration.fragments.words import verdict_in_words

KEPT = (
    "verdict",
    "reason",
    "sentence",
    "caveat",
    "margin",
    "direction",
    "delta",
    "ci90",
    "ci95",
    "envelope90",
    "envelope95",
    "n",
    "approved",
    "bars",
    "more_cases_at_least",
    "readings",
    "links",
    "tracks",
    "difference",
    "parity",
    "ratio",
    "gap",
    "pillar_flags",
    "agreement",
    "pairs",
    "cycles",
)
COLUMNS = ("candidate", "track", "level", "overall", "as_reviewed", "adjusted", "disagreement", "meets_bar", "decision")


def as_data(page: dict[str, Any]) -> dict[str, Any]:
    """What the page of a grade shows, as plain data; what it withholds is null here, too. `changed_since`: what was
    measured has changed since the check was recorded, so its figures are not those of the `cases`, which are of now."""
    said = page["said"]
    return {
        "cycle": page["cycle"].slug,
        "ladder": page["family"].id,
        "grade": page["grade"],
        "recorded": page["readings"][0].check.run_at.isoformat() if page["readings"] else None,
        "changed_since": bool(page["readings"]) and not page["is_recorded"],
        **{key: said[key] for key in KEPT if key in said},
        "sentence_shown": verdict_in_words(said),
        "cases": rows_of(page),
    }


def rows_of(page: dict[str, Any]) -> list[dict[str, Any]]:
    """The cases on the table as rows, in the order of the agenda."""
    adjusted = page["adjusted"]
    return [
        {
            "candidate": item.case.candidate.name,
            "track": item.case.track_kind,
            "level": item.rubric.level.title,
            "overall": item.position.overall,
            "as_reviewed": item.raw,
            "adjusted": adjusted[item.case.id].score if item.case.id in adjusted else None,
            "disagreement": item.position.disagreement,
            "meets_bar": item.position.meets_bar,
            "decision": item.outcome.value if item.outcome else None,
        }
        for item in page["items"]
    ]
