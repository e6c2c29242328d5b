"""A made-up letter of each outcome, complete: every field there is, none empty. Templates are checked against it, and
shown with it where there is no real case yet."""

from typing import Any

from portal.domain.appeals import Reply
from portal.domain.case_types import CaseType, Outcome
from portal.letters.language import phrases

Subject = Outcome | Reply
"""What a letter is about: how a case was decided, or how an appeal was answered."""

_APPEAL = {
    "path": f"/cases/{'0' * 12}/appeal",
    "opened_on": "2026-03-16",
    "last_day": "2026-04-06",
    "working_days": 15,
    "used": False,
}
_CLAUSE = {
    "code": "must_have:direction",
    "title": "Direction",
    "says": "The bar insists on this.",
    "expectation": "Sets a direction that several teams follow.",
    "would_meet": ["A plan of two quarters that three teams worked by", "A choice of what not to do, and why"],
}
_NOT_YET = {
    "clauses": [_CLAUSE, _CLAUSE | {"code": "must_have:teaching", "title": "Teaching and lifting"}],
    "earliest": {"cycle": "Autumn 2026", "opens_on": "2026-09-01"},
    "support": ["A mentor at or above the next level, met every month", "Two days a month for learning"],
}
_APPROVED = {
    "effective_on": "2026-05-01",
    "expectations": [
        {"competency": "Direction", "text": "Sets a direction that several teams follow."},
        {"competency": "Craft", "text": "Makes the hard parts simple for others."},
    ],
}
_PARTS: dict[Outcome, dict[str, Any]] = {
    Outcome.APPROVED: _APPROVED,
    Outcome.APPROVED_ON_TRIAL: _APPROVED
    | {
        "carried": ["Outcomes", "Conduct"],
        "trial": {"starts_on": "2026-05-01", "ends_on": "2026-10-31", "return_until": "2027-04-30"},
    },
    Outcome.NOT_YET: _NOT_YET,
    Outcome.DECLINED: _NOT_YET,
    Outcome.DEFERRED: {"met_on": "2026-03-16", "cycles": 2, "role": "Staff Engineer, Engineering"},
}


def sample(outcome: Subject, case_type: CaseType, language: str) -> dict[str, Any]:
    """The data of a letter as `contents.compose` or `answers.compose_answer` freezes it, about nobody."""
    return _answer(outcome, language) if isinstance(outcome, Reply) else _decided(outcome, case_type, language)


def _answer(reply: Reply, language: str) -> dict[str, Any]:
    said = phrases(language)["appeal"]
    whole = _decided(Outcome.NOT_YET, CaseType.PROMOTION, language)
    kept = ("language", "template", "code", "paper", "archive", "case", "rubric", "candidate", "to")
    back = reply is Reply.BACK
    return {key: whole[key] for key in kept} | {
        "format": "appeal/1",
        "issued_on": "2026-04-13",
        "outcome": reply.value,
        "decision": {"issued_on": "2026-03-16", "code": "0000-0000-0000-0000"},
        "ground": said["missed_evidence"],
        "filed_on": "2026-03-30",
        "answer": "We read the packet and the reviews from the first page to the last.",
        "back_to": said["in_calibration"] if back else "",
        "look_again": ["The second result, as evidence of direction."],
        "tally": {"stands": 1, "look_again": 2, "abstain": 1, "absent": 1},
        "appeal": {"path": f"/cases/{'0' * 12}/appeal"},
    }


def _decided(outcome: Outcome, case_type: CaseType, language: str) -> dict[str, Any]:
    said = phrases(language)
    level = {"track": "Individual contributor", "grade": 3, "grade_name": "Established"}
    return {
        "format": "letter/2",
        "language": language,
        "template": {"version": 1, "sha256": "0" * 64},
        "code": "0000-0000-0000-0000",
        "issued_on": "2026-03-16",
        "paper": "a4",
        "archive": False,
        "case": {"id": "0" * 12, "version": 1, "type": case_type.value, "cycle": "Spring 2026"},
        "rubric": {"family": "Engineering", "hash": "0" * 64},
        "candidate": "Maria Example",
        "manager": "Max Example",
        "from": {"title": "Senior Engineer", **level},
        "to": {"title": "Staff Engineer", **level, "grade": 4, "grade_name": "Leading"},
        "outcome": outcome.value,
        "reasons": "Colleagues from three teams confirmed what the packet shows.",
        "results": [{"pillar": "Direction", "words": said["pillar"]["at"], "sign": "at"}],
        "strongest": {"competency": "Direction", "claim": "Chose one of three plans, and said why.", "period": "2025"},
        "changes": [
            {"competency": "Direction", "way": said["change"]["raised"], "why": said["change"]["evidence_overlooked"]}
        ],
        "tally": {"for": 4, "against": 1, "abstain": 1, "absent": 1, "recused": 1},
        "appeal": dict(_APPEAL),
        "equivalence": said["equivalence"]["too_few"],
        "supersedes": {
            "issued_on": "2026-02-16",
            "code": "0000-0000-0000-0000",
            "because": "correction",
            "why": "The day from which the level holds was wrong.",
        },
        "part": _PARTS[outcome],
    }


def with_gaps(data: dict[str, Any]) -> dict[str, Any]:
    """The same letter with everything left out that a real one may lack: a template has to do without."""
    if "part" not in data:
        return data | {"decision": {**data["decision"], "code": ""}}
    part = {key: _emptied(value) for key, value in data["part"].items()}
    empty: dict[str, Any] = {"results": [], "changes": [], "strongest": None, "supersedes": None}
    return data | {"part": part, "manager": "", "equivalence": ""} | empty


def _emptied(value: Any) -> Any:
    if isinstance(value, list):
        return []
    return None if isinstance(value, dict) else value
