"""Puts the house together: the only file that knows every room."""

from dataclasses import dataclass
from typing import Any

import structlog
from flask import Flask, request
from flask_babel import Babel, gettext
from flask_login import current_user
from flask_wtf import CSRFProtect
from jinja2 import StrictUndefined
from sqlalchemy import Engine
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from portal.adapters.database import make_engine
from portal.adapters.outbox import Handler, Outbox
from portal.calibration import fragments as calibration_fragments
from portal.calibration.routes import calibration
from portal.cases import fragments as case_fragments
from portal.cases.jobs import still_concerns
from portal.cases.routes import cases
from portal.cycles import fragments as cycle_fragments
from portal.cycles.routes import cycles
from portal.decisions import fragments as decision_fragments
from portal.decisions.queries import ANSWER_LETTER
from portal.decisions.routes import decisions
from portal.demo.routes import demo
from portal.home.routes import home
from portal.ladders.routes import ladders
from portal.letters import fragments as letter_fragments
from portal.letters.jobs import AnswerLetterMaker, LetterPreparer, LetterSetter
from portal.letters.queries import PREPARE, RENDER
from portal.letters.routes import letters
from portal.models.outbox import MAIL
from portal.packets import fragments as packet_fragments
from portal.packets.routes import packets
from portal.people.jobs import Mailer
from portal.people.routes import people
from portal.records import fragments as record_fragments
from portal.records.export_routes import cycle_tabs as export_tabs
from portal.records.export_routes import takeaway
from portal.records.routes import records
from portal.reviews import fragments as review_fragments
from portal.reviews.commands import APPLY, FIND
from portal.reviews.jobs import PlanApplier, ReviewerSearch
from portal.reviews.routes import anchors, assignments, due, reviews
from portal.settings import ROOT, Settings, read_settings
from portal.trials import fragments as trial_fragments
from portal.trials.routes import trials
from portal.web import database, errors, filters, offers, requests, security_headers, sign_in, static, uploads
from portal.web.fragments import Htmx
from portal.web.idempotency import idempotency_token
from portal.web.routing import GuardedBlueprint, refuse_unguarded_endpoints
from portal.web.sessions import DatabaseSessions

OUTBOX = "evenbar.outbox"
# In the order of a case's life: later rooms may use earlier ones.
ROOMS: tuple[GuardedBlueprint, ...] = (
    people,
    ladders,
    cycles,
    cases,
    packets,
    assignments,
    due,
    anchors,
    reviews,
    calibration,
    decisions,
    trials,
    letters,
    records,
    takeaway,
    demo,
    home,
)
TABS: tuple[offers.Named, ...] = (
    (lambda: gettext("Case"), (case_fragments.tabs,)),
    (lambda: gettext("Packet"), (packet_fragments.tabs,)),
    (lambda: gettext("Review"), (review_fragments.tabs,)),
    (lambda: gettext("Calibration"), (calibration_fragments.tabs,)),
    (
        lambda: gettext("Decision"),
        (decision_fragments.tabs, letter_fragments.tabs, trial_fragments.tabs, record_fragments.tabs),
    ),
)
CYCLE_TABS: tuple[offers.Named, ...] = (
    (lambda: gettext("Cycle"), (cycle_fragments.tabs,)),
    (lambda: gettext("Review"), (review_fragments.cycle_tabs,)),
    (lambda: gettext("Calibration"), (calibration_fragments.cycle_tabs,)),
    (lambda: gettext("Decision"), (decision_fragments.cycle_tabs, letter_fragments.cycle_tabs, export_tabs)),
)
OFFERS = (
    case_fragments.offers,
    packet_fragments.offers,
    review_fragments.offers,
    calibration_fragments.offers,
    decision_fragments.offers,
    trial_fragments.offers,
    letter_fragments.offers,
)


@dataclass(frozen=True)
class NavItem:
    label: str
    endpoint: str
    href: str
    current: bool


def create_app(settings: Settings | None = None, *, engine: Engine | None = None) -> Flask:
    """The portal as a WSGI application. Raises SettingsProblem when the environment is not usable."""
    settings = settings or read_settings()
    app = Flask(__name__, template_folder=str(ROOT / "templates"), static_folder=None)
    app.config.update(
        SECRET_KEY=settings.secret_key,
        MAX_FORM_PARTS=500,
        TRUSTED_HOSTS=list(settings.trusted_hosts),
        WTF_CSRF_TIME_LIMIT=None,  # a token lives as long as the session it belongs to
        SETTINGS=settings,
    )
    database.use_engine(app, engine or make_engine(settings.database_url))
    app.session_interface = DatabaseSessions(database.engine_of(app), secure=settings.served_over_tls)
    _templates(app, settings)
    _kit(app, settings)
    for room in ROOMS:
        if room is not demo or settings.demo:
            app.register_blueprint(room)
    app.extensions[OUTBOX] = Outbox(database.engine_of(app), _jobs(app, settings))
    offers.install(app, case_tabs=TABS, cycle_tabs=CYCLE_TABS, offers=OFFERS)
    refuse_unguarded_endpoints(app)
    _servers_in_front(app, settings)
    return app


def outbox_of(app: Flask) -> Outbox:
    found: Outbox = app.extensions[OUTBOX]
    return found


def _jobs(app: Flask, settings: Settings) -> dict[str, Handler]:
    """Who does which kind of outbox row. Without a mail server, mails wait."""
    engine = database.engine_of(app)
    setter = LetterSetter(engine, settings)
    jobs: dict[str, Handler] = {PREPARE: LetterPreparer(engine, settings), RENDER: setter}
    jobs[ANSWER_LETTER] = AnswerLetterMaker(engine, settings, setter)
    jobs[FIND] = ReviewerSearch(engine)
    jobs[APPLY] = PlanApplier(engine)
    return jobs | {MAIL: Mailer(engine, settings, still_concerns)} if settings.smtp_url else jobs


def _kit(app: Flask, settings: Settings) -> None:
    requests.install(app)
    app.extensions["htmx"] = Htmx(app)
    Babel(app, locale_selector=_locale)
    sign_in.install(app)
    uploads.install(app, most_mb=settings.upload_mb)
    CSRFProtect(app)
    errors.install(app)
    security_headers.install(app, over_tls=settings.served_over_tls)


def _templates(app: Flask, settings: Settings) -> None:
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    filters.install(app)
    app.jinja_env.globals |= {"idempotency_token": idempotency_token, "static": static.finder(ROOT / "static")}

    @app.context_processor
    def every_page() -> dict[str, Any]:
        me = current_user._get_current_object() if current_user and current_user.is_authenticated else None
        return {"me": me, "nav": _nav(app) if me else [], "demo": settings.demo}


def _nav(app: Flask) -> list[NavItem]:
    adapter = app.url_map.bind("")
    entries = [
        ("My work", "home.index"),
        ("Cases", "cases.index"),
        ("Cycles", "cycles.index"),
        ("Ladders", "ladders.index"),
        ("My reviews", "reviews.queue"),
        ("People", "people.index"),
        ("Records", "records.index"),
    ]
    places = [(label, name, adapter.build(name)) for label, name in entries]
    return [NavItem(label, name, request.script_root + path, _is_under(path)) for label, name, path in places]


def _is_under(path: str) -> bool:
    """Whether the page asked for lies in this part of the portal, whichever room answers it."""
    return request.path == path or (path != "/" and request.path.startswith(f"{path}/"))


def _locale() -> str:
    return current_user.locale if current_user and current_user.is_authenticated else "en"


def _servers_in_front(app: Flask, settings: Settings) -> None:
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app, root=str(ROOT / "static"), prefix="static/", max_age=static.MAX_AGE, charset="utf-8"
    )
    if settings.proxies:
        n = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=n, x_proto=n, x_host=n)  # type: ignore[method-assign]


structlog.configure(
    processors=[
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(),
    ]
)
