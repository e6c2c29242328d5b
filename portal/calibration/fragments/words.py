"""What each figure of a grade says, in a sentence: the text beside every picture, and the reason where a number is
withheld."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from portal.calibration.queries import Figures, Item
from portal.web.filters import number


def track_names() -> dict[str, str]:
    """Short names of the track kinds, IC first."""
    return {"ic": _("IC"), "manager": _("Manager"), "lead": _("Lead")}


NAMES = {"ic": "IC", "manager": "manager", "lead": "lead"}


def verdict_in_words(figures: Mapping[str, Any]) -> str:
    """The sentence of a verdict in the reader's language; one that was stored without its parts as it was stored."""
    parts = figures.get("parts")
    if not parts:
        return str(figures["sentence"])
    return " ".join(_(text) % values if values else _(text) for text, values in parts)


def say(figures: Figures, items: list[Item]) -> dict[str, Any]:
    """Sentences by figure: axis, pillars, rates (one per track), difference, bars, agreement, links."""
    return {
        "axis": _axis(items),
        "pillars": _(
            "Each mark is a case's mean on a pillar, each track on its own line; the pillars are what the tracks share."
        ),
        "rates": [_rate(kind, track) for kind, track in figures["tracks"].items()],
        "difference": _difference(figures),
        "beside": _beside(figures),
        "bars": _bars(figures),
        "agreement": _agreement(figures["agreement"]),
        "links": _links(figures["links"]),
    }


def _axis(items: list[Item]) -> str:
    parts = []
    for kind, name in NAMES.items():
        scores = [i.position.overall for i in items if i.case.track_kind == kind and i.position.overall is not None]
        if len(scores) == 1:
            parts.append(_("one %(track)s case at %(score)s", track=name, score=number(scores[0])))
        elif scores:
            lo, hi = number(min(scores)), number(max(scores))
            parts.append(_("%(n)s %(track)s cases from %(lo)s to %(hi)s", n=len(scores), track=name, lo=lo, hi=hi))
    return _first_up("; ".join(parts)) + "." if parts else _("No case has a score yet.")


def _rate(kind: str, track: dict[str, Any]) -> str:
    name = NAMES[kind]
    if not track["decided"]:
        return ngettext(
            "%(track)s: no case is decided yet; %(num)s waits.",
            "%(track)s: no case is decided yet; %(num)s wait.",
            track["waiting"],
            track=_first_up(name),
        )
    lo, hi = track["interval"]
    said = _(
        "%(track)s: %(approved)s of %(decided)s decided cases approved (95 %% interval %(lo)s %% to %(hi)s %%).",
        track=_first_up(name),
        approved=track["approved"],
        decided=track["decided"],
        lo=number(100 * lo, 0),
        hi=number(100 * hi, 0),
    )
    if track["deferred"]:
        said += " " + _("%(n)s of them deferred: approved on merit, no role open.", n=track["deferred"])
    if track["waiting"]:
        said += " " + _("%(n)s not decided yet and not counted.", n=track["waiting"])
    return said


def _first_up(text: str) -> str:
    return text[:1].upper() + text[1:]


def _difference(figures: Figures) -> str:
    if figures["difference"] is None:
        return _("Pass rates are compared once both tracks have a decision.")
    estimate, lo, hi = (number(100 * value, 0) for value in figures["difference"])
    return _(
        "Manager less IC: %(d)s percentage points (95 %% interval %(lo)s to %(hi)s). Pass rates also differ when "
        "candidates differ: this is not a difference of bars.",
        d=estimate,
        lo=lo,
        hi=hi,
    )


def _beside(figures: Figures) -> list[str]:
    """What is said beside the bars where there is enough for it: rates as a ratio, scores, pillars."""
    said = []
    if (p := figures.get("parity")) is not None:
        said.append(
            _(
                "Exact test of equal pass rates: p %(p)s. No difference shown is not equality shown.",
                p=f"= {number(p)}" if p >= 0.01 else f"< {number(0.01)}",
            )
        )
    if ratio := figures.get("ratio"):
        said.append(
            _(
                "Ratio of pass rates, manager to IC: %(r)s (95 %% interval %(lo)s to %(hi)s).",
                r=number(ratio["estimate"]),
                lo=number(ratio["lo"]),
                hi=number(ratio["hi"]),
            )
        )
        if ratio["fragile"]:
            said.append(_("One decision more or less would carry it over four fifths: read nothing into that line."))
    if gap := figures.get("gap"):
        said.append(_gap(gap))
    return said + [_odd(flag) for flag in figures.get("pillar_flags", [])]


def _gap(gap: Mapping[str, Any]) -> str:
    g, lo, hi = gap["hedges_g"]
    d = gap["points"]
    text = _("Manager cases score as IC cases do%(span)s; Hedges' g %(g)s (%(lo)s to %(hi)s), Cliff's delta %(c)s.")
    if round(d, 2) > 0:
        text = _(
            "Manager cases score %(d)s points higher than IC cases%(span)s; Hedges' g %(g)s (%(lo)s to %(hi)s), "
            "Cliff's delta %(c)s."
        )
    elif round(d, 2) < 0:
        text = _(
            "Manager cases score %(d)s points lower than IC cases%(span)s; Hedges' g %(g)s (%(lo)s to %(hi)s), "
            "Cliff's delta %(c)s."
        )
    values = {"g": number(g), "lo": number(lo), "hi": number(hi), "c": number(gap["cliffs_delta"][0])}
    return text % {"d": number(abs(d)), "span": _span(gap), **values}


def _odd(flag: Mapping[str, Any]) -> str:
    more = _(
        "Manager cases score %(d)s points higher on %(pillar)s than their other pillars suggest, beside IC cases"
        "%(span)s: look at its wording."
    )
    less = _(
        "Manager cases score %(d)s points lower on %(pillar)s than their other pillars suggest, beside IC cases"
        "%(span)s: look at its wording."
    )
    d = flag["difference"]
    return (more if d > 0 else less) % {"d": number(abs(d)), "pillar": flag["name"], "span": _span(flag)}


def _span(found: Mapping[str, Any]) -> str:
    """The interval of a difference, manager less IC; nothing where there is none, as without any spread."""
    lo, hi = found.get("interval", (None, None))
    if lo is None or hi is None:
        return ""
    return _(" (manager less IC: 95 %% interval %(lo)s to %(hi)s)", lo=number(lo), hi=number(hi))


def _bars(figures: Figures) -> str:
    if not figures["bars_shown"]:
        n, approved = figures["n"], figures["approved"]
        so_far = ", ".join(
            _("%(track)s %(a)s and %(r)s", track=NAMES[kind], a=approved[kind], r=n[kind] - approved[kind])
            for kind in figures["pair"]
        )
        return _(
            "Where the bars lie is not shown: each track needs %(needed)s approvals and %(needed)s refusals; so far "
            "%(so)s.",
            needed=figures["needed_each"],
            so=so_far,
        )
    said = _("%(track)s bar at %(m)s (90 %% interval %(lo)s to %(hi)s)")
    parts = [
        said % {"track": NAMES[kind], "m": number(m), "lo": number(lo), "hi": number(hi)}
        for kind, (m, lo, hi) in figures["bars"].items()
    ]
    return _("Where the committee approves as often as not: %(bars)s.", bars="; ".join(parts))


def _agreement(found: dict[str, Any]) -> str:
    if not found["shown"]:
        return _(
            "Agreement is not shown: %(needed)s cases with two reviews are needed, there are %(cases)s.",
            needed=found["needed"],
            cases=found["cases"],
        )
    whole = found["overall"]
    if whole["alpha"] is None:
        return _("Agreement cannot be computed: all reviews give the same overall.")
    return _(
        "Reviewers of one case agree with alpha %(alpha)s (95 %% interval %(lo)s to %(hi)s; 1 is full agreement, 0 is "
        "chance), over %(cases)s cases.",
        alpha=number(whole["alpha"]),
        lo=number(whole["lo"]),
        hi=number(whole["hi"]),
        cases=found["cases"],
    )


def _links(links: dict[str, Any]) -> str:
    if not links["reviews"]:
        return _("No review counts yet, so nothing ties the tracks together.")
    if not links["bridging_reviewers"]:
        return ngettext(
            "The only reviewer scored one track: stricter reviewing and a higher bar cannot be told apart. Ask two "
            "reviewers to cross.",
            "None of %(num)s reviewers scored both tracks: stricter reviewing and a higher bar cannot be told apart. "
            "Ask two reviewers to cross.",
            links["reviewers"],
        )
    return ngettext(
        "The only reviewer scored both tracks; %(share)s %% of %(reviews)s reviews cross over (15 %% makes a grade "
        "measurable).",
        "%(b)s of %(num)s reviewers scored both tracks; %(share)s %% of %(reviews)s reviews cross over (15 %% makes a "
        "grade measurable).",
        links["reviewers"],
        b=links["bridging_reviewers"],
        share=number(100 * (links["cross_share"] or 0), 0),
        reviews=links["reviews"],
    )
