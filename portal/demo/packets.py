"""The candidate's side of a case: the packet, those who speak for it, and its submission."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from io import BytesIO
from typing import Any

from portal.cases import commands as cases
from portal.cases.queries import rubric_of
from portal.demo.phrases import Claim, Result, results, spare_claim, voice
from portal.demo.play import Script
from portal.domain.attachments import MEGABYTE, Limits
from portal.domain.case_types import CaseType
from portal.domain.packet import RESULTS, sections_for
from portal.models.person import Person
from portal.packets import commands as packets
from portal.packets import policy as packet_policy
from portal.packets.commands import attachments as files
from portal.packets.queries import draft, grade_of

QUARTERS = 4
NOTES = Limits(MEGABYTE, 10 * MEGABYTE, 1000 * MEGABYTE)
KEPT_FREE = ("Clara Beaumont", "Priya Raman", "Nadia Rahimi", "Jonas Lindner", "Nam Nguyen")  # they review or decide


@dataclass(frozen=True)
class Written:
    """What somebody has to say for themselves: fields by section, and claims that cover the rubric."""

    sections: dict[str, dict[str, str]]
    claims: tuple[Claim, ...]


def open_case(
    script: Script,
    day: float,
    *,
    nominated: bool = False,
    accepted: bool = True,
    case_type: CaseType = CaseType.PROMOTION,
) -> None:
    """Open the case, or have it nominated by the manager and, if `accepted`, taken up two days later."""

    def opened(at: datetime) -> None:
        actor = script.manager if nominated else script.candidate
        script.case = cases.open_case(
            script.s, actor=actor, candidate=script.candidate, cycle=script.stage.cycle, case_type=case_type, at=at
        )

    def taken_up(at: datetime) -> None:
        cases.accept_nomination(script.s, case=script.case, actor=script.candidate, at=at)

    script.add(day, opened)
    if nominated and accepted:
        script.add(day + 2, taken_up)


def write(script: Script, day: float, *, share: float = 1.0, shared: bool = True) -> None:
    """Write the packet over two weeks, or only a share of its sections; the evidence comes last."""
    steps = 4

    def section_act(step: int) -> Any:
        return lambda at: _save(script, at, share, step, steps)

    for step in range(steps):
        script.add(day + step * 2.5, section_act(step))
    script.add(day + 11, partial(_add_evidence, script, share))
    if shared:
        share_act = packets.share_draft
        script.add(
            day + 12, lambda at: share_act(script.s, case=script.case, actor=script.candidate, shared=True, at=at)
        )


def comment(script: Script, day: float, section: str, text: str) -> None:
    """The manager says something about one section of the shared draft."""

    def act(at: datetime) -> None:
        packets.add_comment(script.s, case=script.case, actor=script.manager, section=section, text=text, at=at)

    script.add(day, act)


def attach(script: Script, day: float) -> None:
    """A text file beside the first row of evidence that is there by then."""

    def act(at: datetime) -> None:
        row = next(iter(draft(script.s, script.case).evidence), None)
        if row is None:
            return
        file = BytesIO(f"Notes of the review, {row.period}\n\n{row.claim}\n\n{row.contribution}\n".encode())
        found = files.inspect(file, NOTES.file)
        packets.attach(
            script.s,
            case=script.case,
            evidence_id=row.id,
            actor=script.candidate,
            file=file,
            found=found,
            name="Notes of the review.txt",
            limits=NOTES,
            storage=script.play.storage,
            at=at,
        )

    script.add(day, act)


def _save(script: Script, at: datetime, share: float, step: int, steps: int) -> None:
    written = _written(script).sections
    codes = list(written)[: round(share * len(written))]
    for code in codes[step::steps]:
        texts = written[code]
        packets.save_section(
            script.s, case=script.case, actor=script.candidate, code=code, texts=texts, version=0, at=at
        )


def _written(script: Script) -> Written:
    """The same words each time it is asked: chance is drawn anew from the same seed."""
    chance = script.play.chance("packet", script.stage.slug, script.candidate.email)
    case = script.case
    told = results(case.family_id, case.track_id, case.grade, RESULTS, chance) if case.scored else []
    sections: dict[str, dict[str, str]] = {}
    for section in sections_for(case.grade, case.case_type):
        if section.code.startswith("result-"):
            sections[section.code] = dict(told[int(section.code.removeprefix("result-")) - 1].fields)
        else:
            key = {"human-skills": "human"}.get(section.code, section.code)
            whole = len(section.fields) == 1
            sections[section.code] = {
                f.code: voice(key if whole else f"{key}.{f.code}", chance) for f in section.fields
            }
    return Written(sections, _claims(script, told, chance))


def _claims(script: Script, told: list[Result], chance: Any) -> tuple[Claim, ...]:
    """All claims of the results; a competency that none of them shows gets one of its own."""
    asked = {line.id for line in rubric_of(script.case).competencies}
    found = [claim for result in told for claim in result.claims if claim.competency in asked]
    shown = {claim.competency for claim in found}
    case = script.case
    missing = [line.id for line in rubric_of(case).competencies if line.id not in shown]
    return (*found, *(spare_claim(case.family_id, case.track_id, one, chance) for one in missing))


def _add_evidence(script: Script, share: float, at: datetime) -> None:
    claims = _written(script).claims
    for number, claim in enumerate(claims[: round(share * len(claims))]):
        packets.add_evidence(
            script.s,
            case=script.case,
            actor=script.candidate,
            competency_id=claim.competency,
            claim=claim.claim,
            contribution=claim.contribution,
            period=_period(script, number),
            at=at,
        )
    values = {line.id: script.chance.choice((2, 3, 3, 4)) for line in rubric_of(script.case).competencies}
    packets.assess_self(script.s, case=script.case, actor=script.candidate, values=dict(values), at=at)


def _period(script: Script, number: int) -> str:
    """One of the four quarters before the cycle opened."""
    opens = script.stage.opens_at
    quarter = opens.year * 4 + (opens.month - 1) // 3 - 1 - number % QUARTERS
    return f"Q{quarter % 4 + 1} {quarter // 4}"


def ask_referees(
    script: Script, day: float, *, named: tuple[str, ...] = (), count: int = 2, answered: int = 2, declined: int = 0
) -> None:
    """The candidate asks those who know the work; so many answer within days, so many decline."""
    asked: list[Person] = []

    def ask(at: datetime) -> None:
        for person in _referees(script, named, count):
            packets.propose_referee(script.s, case=script.case, actor=script.candidate, person=person, at=at)
            asked.append(person)

    def answer(number: int) -> Any:
        def act(at: datetime) -> None:
            if number >= len(asked):
                return
            row = next(r for r in script.case.referees if r.person_id == asked[number].id)
            if number >= answered:
                reason = "I have not worked with them for more than a year."
                packets.decline_referee(script.s, referee=row, actor=row.person, reason=reason, at=at)
                return
            name = script.candidate.name
            codes = script.chance.sample(["result-1", "result-2", "result-3"], 2)
            packets.answer_referee(
                script.s,
                referee=row,
                actor=row.person,
                answers={code: voice("referee.saw", script.chance, name) for code in codes},
                reason_not_to=voice("referee.reason_not_to", script.chance, name),
                version=row.version,
                at=at,
            )

        return act

    script.add(day, ask)
    for number in range(answered + declined):
        script.add(day + 2 + number, answer(number))


def _referees(script: Script, named: tuple[str, ...], count: int) -> list[Person]:
    """Those named, then others of the same ladder who may be asked, the least burdened first."""
    case, org = script.case, script.play.org
    found = [org[name] for name in named]
    busy = {org[name].id for name in KEPT_FREE} | {p.id for p in found}
    pool = [p for p in org.everyone() if p.family_id == case.family_id and p.id not in busy]
    script.chance.shuffle(pool)
    for person in sorted(pool, key=lambda p: script.play.load[f"referee:{p.id}"]):
        if len(found) >= count:
            break
        if not packet_policy.not_eligible(person, case, grade_of(case.cycle, person)):
            found.append(person)
    for person in found:
        script.play.load[f"referee:{person.id}"] += 1
    return found


def state(script: Script, day: float) -> None:
    """The manager writes a statement and says whether the role is needed."""
    name = script.candidate.name

    def save(at: datetime) -> None:
        packets.save_statement(
            script.s,
            case=script.case,
            actor=script.manager,
            strengths=voice("statement.strengths", script.chance, name),
            gaps=voice("statement.gaps", script.chance, name),
            current_level=voice("statement.current_level", script.chance, name),
            supports=script.chance.random() > 0.08,
            version=0,
            at=at,
        )
        text = voice("justification", script.chance, name)
        packets.save_justification(script.s, case=script.case, actor=script.manager, text=text, version=0, at=at)

    def sign(at: datetime) -> None:
        packets.sign_statement(script.s, case=script.case, actor=script.manager, at=at)

    script.add(day, save)
    script.add(day + 1, sign)


def submit(script: Script, day: float) -> None:
    def act(at: datetime) -> None:
        packets.submit(script.s, case=script.case, actor=script.candidate, at=at)

    script.add(day, act)


def send_back(script: Script, day: float, *, section: str, reason: str) -> None:
    def act(at: datetime) -> None:
        cases.return_for_evidence(
            script.s, case=script.case, actor=script.play.partner, sections=[section], reason=reason, until=None, at=at
        )

    script.add(day, act)


def withdraw(script: Script, day: float, note: str) -> None:
    def act(at: datetime) -> None:
        cases.withdraw(script.s, case=script.case, actor=script.candidate, at=at, note=note)

    script.add(day, act)


def prepare_packet(script: Script, day: float, submit_day: float, *, nominated: bool = False) -> None:
    """From opening to submission, as most people do it."""
    open_case(script, day, nominated=nominated)
    write(script, day + 3)
    declined = script.chance.randrange(2)
    ask_referees(script, day + 15, count=2 + declined, declined=declined)
    state(script, day + 17)
    submit(script, submit_day)
