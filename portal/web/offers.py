"""What a page offers next. Each room says what it offers on a case; the case page shows all of it without knowing any
room. A step that is not yet possible is offered with the reasons; one that is not allowed is absent."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import Flask, current_app, request
from flask_login import current_user

from portal.domain.case_flow import Reason

KEY = "evenbar.offers"
MOST_IN_A_ROW = 8


@dataclass(frozen=True)
class Offer:
    """`post` makes it a button, else a link. With `reasons` it is closed, and they say why; `who` can change it."""

    label: str
    href: str
    post: bool = False
    reasons: tuple[Reason, ...] = ()
    who: str = ""
    kind: str = "secondary"
    hint: str = ""


@dataclass(frozen=True)
class Tab:
    label: str
    href: str

    @property
    def current(self) -> bool:
        return request.path == self.href

    @property
    def around(self) -> bool:
        """Whether the page asked for lies below this one."""
        return self.current or request.path.startswith(f"{self.href}/")


@dataclass(frozen=True)
class Stretch:
    """The tabs of one stretch of a life."""

    label: str
    tabs: tuple[Tab, ...]

    @property
    def href(self) -> str:
        return self.tabs[0].href


@dataclass(frozen=True)
class Tabs:
    """The parts of a case or a cycle: in one row while few, else by stretch, the parts of the open one below."""

    stretches: tuple[Stretch, ...]
    open: Stretch | None
    tab: Tab | None

    @property
    def all(self) -> list[Tab]:
        return [tab for stretch in self.stretches for tab in stretch.tabs]

    @property
    def folded(self) -> bool:
        return len(self.all) > MOST_IN_A_ROW


Offers = Callable[[Any, Any], Iterable[Offer]]
TabsOf = Callable[[Any, Any], Iterable[Tab]]
Named = tuple[Callable[[], str], tuple[TabsOf, ...]]


def install(
    app: Flask, *, case_tabs: tuple[Named, ...], cycle_tabs: tuple[Named, ...], offers: tuple[Offers, ...]
) -> None:
    """Tabs: for each stretch of the life of a case or a cycle what it is called and the rooms with pages in it."""
    app.extensions[KEY] = offers
    app.jinja_env.globals |= {
        "case_tabs": partial(tabs_of, case_tabs),
        "cycle_tabs": partial(tabs_of, cycle_tabs),
        "case_offers": offers_on,
    }


def tabs_of(named: tuple[Named, ...], thing: Any) -> Tabs:
    """The parts of a case or cycle this person may open, in the order of its life."""
    actor = current_user._get_current_object()
    found = [Stretch(label(), tuple(tab for room in rooms for tab in room(actor, thing))) for label, rooms in named]
    stretches = tuple(stretch for stretch in found if stretch.tabs)
    around = [(tab, stretch) for stretch in stretches for tab in stretch.tabs if tab.around]
    tab, stretch = max(around, key=lambda pair: len(pair[0].href), default=(None, None))
    return Tabs(stretches, stretch, tab)


def offers_on(thing: Any) -> list[Offer]:
    """What this person may do about it: what is open first, the weightiest before the rest, then what is closed."""
    actor = current_user._get_current_object()
    found = [offer for room in current_app.extensions[KEY] for offer in room(actor, thing)]
    return sorted(found, key=_weight)


def _weight(offer: Offer) -> int:
    if offer.reasons:
        return 2
    return {"primary": 0, "quiet": 3}.get(offer.kind, 1)
