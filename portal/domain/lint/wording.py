"""Rules on the words: own texts per track and level, leader words for all, headcount never a gate (P1, P4, P5, P13)."""

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from portal.domain.ladder import Competency, Expectation, Family, Level, Track
from portal.domain.lint.finding import Rule, Said
from portal.domain.lint.subjects import levels_of, listed, pair, scored_tracks, track_pairs

_WORD = re.compile(r"[^\W_]+")


def _tokens(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.casefold()))


def similarity(one: str, other: str) -> float:
    """Token Jaccard of two texts, 0-1: shared words over all words; 0 when either is empty."""
    left, right = _tokens(one), _tokens(other)
    return len(left & right) / len(left | right) if left and right else 0.0


def _ll20(family: Family) -> Iterator[Said]:
    for left, right in track_pairs(family):
        ours, theirs = family.competencies_of(left.id), family.competencies_of(right.id)
        smaller, larger = (ours, theirs) if len(ours) <= len(theirs) else (theirs, ours)
        if not smaller:
            yield "unknown", pair(left, right), "a track has no competencies yet"
            continue
        copied = [entry.id for entry in smaller if any(_copied(family, entry, other) for other in larger)]
        share = len(copied) / len(smaller)
        detail = f"{share:.0%} of the competencies are the same{': ' if copied else ''}{listed(copied)}"
        yield "fail" if share > 0.5 else "warn" if share > 0.2 else "pass", pair(left, right), detail


def _copied(family: Family, one: Competency, other: Competency) -> bool:
    """Same name, or a near-duplicate description, or near-duplicate expectations at half the peer levels or more."""
    alike = family.org.policy.near_duplicate
    if one.name.casefold() == other.name.casefold() or similarity(one.about, other.about) >= alike:
        return True
    cells = list(_peer_texts(family, one, other))
    same = sum(similarity(text, theirs) >= alike for text, theirs in cells)
    return bool(cells) and 2 * same >= len(cells)


def _peer_texts(family: Family, one: Competency, other: Competency) -> Iterator[tuple[str, str]]:
    for level in family.levels_of(one.track):
        for peer in family.peers(level.id):
            mine, theirs = family.expectation(one.id, level.id), family.expectation(other.id, peer.id)
            if mine is not None and theirs is not None and mine.text and theirs.text:
                yield mine.text, theirs.text


_LEADER = re.compile(r"\b(lead(s|ing|er|ers|ership)?|led|visions?|strateg(y|ies|ic|ically))\b", re.IGNORECASE)


def _leader_rate(family: Family, track: Track) -> float | None:
    """Leader words per 100 words of a track's competencies and expectations; None where nothing is written."""
    mine = family.competencies_of(track.id)
    ids = {entry.id for entry in mine}
    texts = [entry.about for entry in mine]
    texts += [entry.text for entry in family.expectations if entry.competency in ids]
    words = sum(len(_WORD.findall(text)) for text in texts)
    return 100 * sum(len(_LEADER.findall(text)) for text in texts) / words if words else None


def _ll28(family: Family) -> Iterator[Said]:
    for left, right in track_pairs(family):
        if (left.kind, right.kind) != ("ic", "manager"):
            continue
        ours, theirs = _leader_rate(family, left), _leader_rate(family, right)
        if ours is None or theirs is None:
            yield "unknown", pair(left, right), "a track has no texts yet"
        else:
            detail = f"leader words per 100: {ours:.1f} on the IC track, {theirs:.1f} on the manager track"
            yield "info" if theirs > 2 * ours else "pass", pair(left, right), detail


_CAN = re.compile(r"\b(can|could|is able to|are able to|has the ability to)\b", re.IGNORECASE)
_DOUBLE = re.compile(r"\b(as well as|and also|in addition to)\b|\band/or\b|;", re.IGNORECASE)


def _ll29(family: Family) -> Iterator[Said]:
    for track in scored_tracks(family):
        levels = family.levels_of(track.id)
        for entry in family.competencies_of(track.id):
            yield from _texts_of(family, entry, levels)


def _texts_of(family: Family, competency: Competency, levels: tuple[Level, ...]) -> Iterator[Said]:
    """One competency's texts, level by level: the missing, the repeated, and those that are hard to observe."""
    texts = [(level.title, _text(family.expectation(competency.id, level.id))) for level in levels]
    missing = [level for level, text in texts if not text]
    repeated = [f"{low} and {high}" for (low, a), (high, b) in pairwise(texts) if a and _tokens(a) == _tokens(b)]
    vague = [level for level, text in texts if _CAN.search(text) or _DOUBLE.search(text)]
    if missing:
        yield "fail", competency.id, f"no expectation text for {listed(missing)}"
    if repeated:
        yield "warn", competency.id, f"the same text at {listed(repeated)}"
    if vague:
        yield "info", competency.id, f'"can" or a double claim is hard to observe: {listed(vague)}'
    if not (missing or repeated or vague):
        yield "pass", competency.id, f"a text of its own at each of {len(texts)} levels"


def _text(expectation: Expectation | None) -> str:
    return expectation.text.strip() if expectation else ""


_NUMBER = r"(\d+|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|fifty|hundred|dozens?)"
_SOME = rf"((at least|more than|over|about|up to|a minimum of|a)\s+)*{_NUMBER}(\s*(\+|or more|to\s+{_NUMBER}))?"
_PEOPLE = r"(people|engineers|managers|developers|designers|employees|persons|individuals|members|heads|staff)"
_HEADCOUNT = re.compile(
    rf"\b{_SOME}\s+((direct|indirect|skip-level)\s+)*reports\b"
    rf"|\b{_SOME}\s+{_PEOPLE}\s+(reporting|who report)\b"
    rf"|\b(team|span|headcount)\s+of\s+{_SOME}(?!\w)"
    rf"|\b(group|organi[sz]ation|department)\s+of\s+{_SOME}\s+{_PEOPLE}\b"
    rf"|\b(manag(e|es|ing)|supervis(e|es|ing)|leads?|leading)\s+{_SOME}\s+{_PEOPLE}\b",
    re.IGNORECASE,
)


def _ll34(family: Family) -> Iterator[Said]:
    for level in levels_of(family, "ic", "lead", "manager"):
        mine = [entry for entry in family.expectations if entry.level == level.id]
        gates = [entry.id for entry in mine if any(_HEADCOUNT.search(text) for text in _demands(entry))]
        if gates:
            yield "fail", level.id, f"a number of reports is demanded by {listed(gates)}"
        elif mine:
            yield "pass", level.id, "no expectation demands a number of reports"
        else:
            yield "unknown", level.id, "no expectations yet"


def _demands(expectation: Expectation) -> Iterable[str]:
    return (expectation.text, *expectation.signals)


RULES = (
    Rule("LL20", "P4", "competencies are not copied between tracks", _ll20),
    Rule("LL28", "P5", "leader words are not reserved for managers", _ll28),
    Rule("LL29", "P13", "every competency at every level has an observable text of its own", _ll29),
    Rule("LL34", "P1", "headcount is never a gate", _ll34),
)
