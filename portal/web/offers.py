"""What a page offers next. Each room says what it offers on a case; the case page shows all of it without knowing any
room. A step that is not yet possible is offered with the reasons; one that is not allowed is absent."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, request
from flask_login import current_user

from portal.domain.case_flow import Reason

KEY = "evenbar.offers"


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


Offers = Callable[[Any, Any], Iterable[Offer]]
Tabs = Callable[[Any, Any], Iterable[Tab]]


def install(app: Flask, *, tabs: tuple[Tabs, ...], offers: tuple[Offers, ...]) -> None:
    app.extensions[KEY] = (tabs, offers)
    app.jinja_env.globals |= {"case_tabs": tabs_of, "case_offers": offers_on}


def tabs_of(thing: Any) -> list[Tab]:
    """The parts of a case this person may open, in the order of its life."""
    actor = current_user._get_current_object()
    return [tab for room in current_app.extensions[KEY][0] for tab in room(actor, thing)]


def offers_on(thing: Any) -> list[Offer]:
    """What this person may do about it: what is open first, the weightiest before the rest, then what is closed."""
    actor = current_user._get_current_object()
    found = [offer for room in current_app.extensions[KEY][1] for offer in room(actor, thing)]
    return sorted(found, key=_weight)


def _weight(offer: Offer) -> int:
    if offer.reasons:
        return 2
    return {"primary": 0, "quiet": 3}.get(offer.kind, 1)
