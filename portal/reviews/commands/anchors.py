"""Anchor packets: written or copied by a people partner, agreed on by a committee, scored by reviewers, sealed once."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from portal.cases.queries import rubric_of
from portal.domain.anonymity import without_names
from portal.domain.ladder import Family, Level, NotOnLadder
from portal.domain.packet import sections_for
from portal.domain.problems import InvalidInput, NotPermitted, Refused, StaleVersion
from portal.domain.rubric_files import read_pinned
from portal.models.anchor import AgreedScore, AnchorPacket, AnchorReview, AnchorScore, AnchorState
from portal.models.audit import record
from portal.models.case import Case
from portal.models.cycle import Cycle, CyclePin
from portal.models.person import Person
from portal.packets.queries import latest_snapshot
from portal.reviews import queries
from portal.reviews.commands.writing import ScoreInput

LONGEST = 60_000


def write_anchor(
    s: Session,
    *,
    cycle: Cycle,
    actor: Person,
    place: str,
    title: str,
    text: str,
    comes_first: bool,
    at: datetime,
    copied_from: Case | None = None,
) -> AnchorPacket:
    """A new anchor packet for a level, `place` being "family/level" of a ladder the cycle pinned; `copied_from` is the
    case whose packet it was."""
    pin, family, level = _place(cycle, place)
    found = AnchorPacket(
        cycle=cycle,
        family_id=family.id,
        rubric_version=pin.rubric_version,
        level_id=level.id,
        track_id=level.track,
        track_kind=family.track(level.track).kind,
        grade=level.grade,
        title=_title(title),
        content={"text": _text(text)},
        comes_first=comes_first,
        copied_from=copied_from,
        kept_by_id=actor.id,
        created_at=at,
        agreed=[],
    )
    s.add(found)
    s.flush()
    _note(s, found, actor, "anchor_written", at)
    return found


def _place(cycle: Cycle, place: str) -> tuple[CyclePin, Family, Level]:
    """The graded level of a ladder the cycle pinned that "family/level" names."""
    family_id, _, level_id = place.partition("/")
    pin = next((pin for pin in cycle.pins if pin.family_id == family_id), None)
    if pin is None:
        raise InvalidInput(f"Level: {cycle.name} takes no cases of the ladder “{family_id}”.")
    family = read_pinned(pin.rubric_version.org_text, pin.rubric_version.family_text)
    try:
        level = family.level(level_id)
    except NotOnLadder:
        raise InvalidInput(f"Level: there is no “{level_id}” on the ladder {family.name}.") from None
    if level.grade is None:
        raise InvalidInput(f"Level: {level.title} has no grade, so there are no peers to tie it to.")
    return pin, family, level


def change_anchor(
    s: Session,
    *,
    anchor: AnchorPacket,
    actor: Person,
    title: str,
    text: str,
    comes_first: bool,
    version: int,
    agreed: Mapping[str, tuple[int | None, str]],
    at: datetime,
) -> None:
    """Correct a draft and what was agreed on: score and reason by competency. Once it is open it stays as it is.

    Raises StaleVersion when somebody else saved since `version` was read."""
    if anchor.state is not AnchorState.DRAFT:
        raise Refused("This anchor packet is open; what reviewers score does not change under them.")
    if version != anchor.version:
        mine, theirs = {"Packet": text}, {"Packet": str(anchor.content["text"])}
        message = "Someone else changed this anchor packet since you opened it."
        raise StaleVersion(message, mine=mine, theirs=theirs, version=anchor.version)
    anchor.title, anchor.content, anchor.comes_first = _title(title), {"text": _text(text)}, comes_first
    scale = queries.anchor_rubric(anchor)
    points = {int(p.value) for p in scale.scale.points} if scale.scale else set()
    rows = {row.competency_id: row for row in anchor.agreed}
    for line in scale.competencies:
        value, why = agreed.get(line.id, (None, ""))
        if value is None:
            if line.id in rows:
                anchor.agreed.remove(rows[line.id])
            continue
        if value not in points:
            raise InvalidInput(f"{line.name}: {value} is no point of the scale.")
        row = rows.get(line.id)
        if row is None:
            anchor.agreed.append(AgreedScore(competency_id=line.id, value=value, why=why))
        else:
            row.value, row.why = value, why
    s.flush()
    _note(s, anchor, actor, "anchor_changed", at)


def open_anchor(s: Session, *, anchor: AnchorPacket, actor: Person, at: datetime) -> None:
    """Give it to its reviewers. Needs a score that was agreed on for every competency; names left in it are refused."""
    if anchor.state is not AnchorState.DRAFT:
        raise Refused("This anchor packet is open already.")
    text = str(anchor.content["text"])
    if not text:
        raise InvalidInput("The packet is empty.")
    if left := queries.names_left(s, text):
        raise InvalidInput(f"Names are left in it: {', '.join(left[:5])}. Take them out first.")
    given = {row.competency_id for row in anchor.agreed}
    if missing := [line.name for line in queries.anchor_rubric(anchor).competencies if line.id not in given]:
        raise InvalidInput(f"No score was agreed on yet for: {', '.join(missing)}.")
    anchor.state, anchor.opened_at = AnchorState.OPEN, at
    s.flush()
    _note(s, anchor, actor, "anchor_opened", at)


def close_anchor(s: Session, *, anchor: AnchorPacket, actor: Person, at: datetime) -> None:
    """Nobody is asked to score it any more; what was sealed keeps counting."""
    if anchor.state is not AnchorState.OPEN:
        raise Refused("This anchor packet is not open.")
    anchor.state = AnchorState.CLOSED
    s.flush()
    _note(s, anchor, actor, "anchor_closed", at)


def copied_text(s: Session, *, case: Case, actor: Person, at: datetime) -> str:
    """The text of a finished case's packet with the names taken out. That it was read is on record; no page says where
    an anchor packet came from."""
    snapshot = latest_snapshot(s, case)
    if snapshot is None:
        raise Refused("This case has no submitted packet.")
    record(s, actor=actor, action="read", thing=f"packet:{case.id}", at=at, case_id=case.id, stage=case.state.value)
    content, parts = snapshot.content, []
    for section in sections_for(case.grade, case.case_type):
        texts = content.get("sections", {}).get(section.code, {})
        written = [texts[field.code] for field in section.fields if texts.get(field.code)]
        parts += [f"## {section.title}", *written] if written else []
    rows = content.get("evidence", [])
    names = {line.id: line.name for line in rubric_of(case).competencies}
    parts += ["## Evidence"] if rows else []
    parts += [f"**{names.get(row['competency'], '')}**: {row['claim']} {row['contribution']}" for row in rows]
    return without_names("\n\n".join(parts), queries.names_around(s, case))


def save_anchor_scores(
    s: Session,
    *,
    anchor: AnchorPacket,
    actor: Person,
    scores: Mapping[str, ScoreInput],
    version: int,
    seal: bool,
    at: datetime,
) -> AnchorReview:
    """Keep a reviewer's scores of an anchor packet, and seal them when `seal` says so: then each competency needs a
    score or a reason for none, and nothing changes any more."""
    if anchor.state is not AnchorState.OPEN:
        raise Refused("This anchor packet is not open for scores.")
    home = queries.asked_as(s, anchor, actor)
    if not home:
        raise NotPermitted("Only those who review at this grade score its anchor packets.")
    review = queries.anchor_review(s, anchor, actor)
    if review is not None and review.sealed_at is not None:
        raise Refused("Your scores of this packet are sealed.")
    if version != (review.version if review else 0):
        raise Refused("Another tab saved meanwhile. Look at the page again, then repeat your step.")
    rubric = queries.anchor_rubric(anchor)
    if seal and (missing := [line.name for line in rubric.competencies if not _given(scores, line.id)]):
        raise InvalidInput(f"Still without a score or a reason for none: {', '.join(missing)}.")
    if review is None:
        review = AnchorReview(anchor=anchor, reviewer_id=actor.id, track_kind=home, scores=[])
        s.add(review)
    review.saved_at, review.sealed_at = at, at if seal else None
    rows = {row.competency_id: row for row in review.scores}
    for line in rubric.competencies:
        _keep(review, rows.get(line.id), line.id, scores.get(line.id, ScoreInput()))
    s.flush()
    _note(s, anchor, actor, "anchor_scored" if seal else "anchor_saved", at)
    return review


def _given(scores: Mapping[str, ScoreInput], competency: str) -> bool:
    return competency in scores and scores[competency].given


def _keep(review: AnchorReview, row: AnchorScore | None, competency: str, given: ScoreInput) -> None:
    if row is None:
        row = AnchorScore(competency_id=competency)
        review.scores.append(row)
    row.value, row.no_score, row.rationale = given.value, given.no_score, given.rationale


def _title(title: str) -> str:
    if not title.strip():
        raise InvalidInput("Title: give it a name reviewers know it by.")
    return title.strip()


def _text(text: str) -> str:
    if len(text) > LONGEST:
        raise InvalidInput(f"Packet: longer than {LONGEST} characters.")
    return text.strip()


def _note(s: Session, anchor: AnchorPacket, actor: Person, action: str, at: datetime) -> None:
    record(s, actor=actor, action=action, thing=f"anchor:{anchor.id}", at=at)
