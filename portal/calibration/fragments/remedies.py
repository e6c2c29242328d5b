"""Where what is missing can be put right: each reason of a verdict with its remedy, and the pages on which to do it."""

from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _

from portal.calibration.queries import Figures
from portal.models.cycle import Cycle
from portal.models.person import Person, Role

ON_ASSIGNMENTS = frozenset({"no_link", "weak_link", "severity_unknown", "readings_disagree"})
BY_ANCHOR = frozenset({"no_link", "weak_link"})
BY_MORE_CASES = frozenset({"interval_too_wide", "too_few_decisions", "strata_too_small", "many_pairs"})
ON_LADDER = frozenset({"peers_undeclared", "not_peers", "written_bar_unknown"})


@dataclass(frozen=True)
class Remedy:
    """What stands in the way, what would help, and the pages to do it on as (words, address). Where this person cannot,
    `who` says whom to ask; where the cycle is over, that it is for the next one; where only cases help, that nothing
    has to be set."""

    why: str
    remedy: str
    links: tuple[tuple[str, str], ...]
    who: str


def remedy_of(actor: Person, cycle: Cycle, family_id: str, figures: Figures) -> Remedy:
    reason = figures["reason"]
    why, remedy = _(figures["why"]), _(figures["remedy"]) if figures["remedy"] else ""
    if reason in ON_LADDER:
        there = url_for("ladders.show", family_id=family_id)
        if actor.has(Role.PEOPLE_PARTNER):
            return Remedy(why, remedy, ((_("Change the ladder"), there),), "")
        return Remedy(why, remedy, ((_("Read the ladder"), there),), _("People partners change it: ask one of them."))
    if reason in BY_MORE_CASES:
        return Remedy(
            why, remedy, (), _("Closed cycles are pooled in by themselves once they hold enough decided cases.")
        )
    places = _places(reason, cycle)
    if places and cycle.closed_at is not None:
        return Remedy(why, remedy, (), _("This cycle is over; see to it when the next one begins."))
    if places and not actor.has(Role.PEOPLE_PARTNER):
        return Remedy(why, remedy, (), _whom_to_ask(reason))
    return Remedy(why, remedy, places, "")


def _places(reason: str, cycle: Cycle) -> tuple[tuple[str, str], ...]:
    """The pages on which the remedy of a reason is carried out; none where only more cases help."""
    found = []
    if reason in ON_ASSIGNMENTS:
        found.append((_("Assign reviewers across the tracks"), url_for("assignments.board", slug=cycle.slug)))
    if reason in BY_ANCHOR:
        found.append((_("Add an anchor packet"), url_for("anchors.index", slug=cycle.slug)))
    if reason == "no_shared_committee":
        found.append((_("Name one committee for both tracks"), url_for("cycles.committees", slug=cycle.slug)))
    return tuple(found)


def _whom_to_ask(reason: str) -> str:
    if reason == "no_shared_committee":
        return _("People partners name the committees: ask one of them for one committee that decides both tracks.")
    if reason in BY_ANCHOR:
        return _("People partners assign reviewers and keep the anchor packets: ask one of them.")
    return _("People partners assign reviewers: ask one of them.")
