"""The context of each page and fragment of the room, and what it offers on the page of a case."""

from portal.calibration.fragments.changes import change_page, minutes_page
from portal.calibration.fragments.forecast import forecast_page
from portal.calibration.fragments.grade import grade_page, live_part
from portal.calibration.fragments.method import method_page
from portal.calibration.fragments.offers import cycle_tabs, offers, tabs
from portal.calibration.fragments.overview import overview_page
from portal.calibration.fragments.position import position_page
from portal.calibration.fragments.published import published_page
from portal.calibration.fragments.reviewers import own_page, reviewers_page
from portal.calibration.fragments.votes import close_page, votes_page

__all__ = [
    "change_page",
    "close_page",
    "cycle_tabs",
    "forecast_page",
    "grade_page",
    "live_part",
    "method_page",
    "minutes_page",
    "offers",
    "overview_page",
    "own_page",
    "position_page",
    "published_page",
    "reviewers_page",
    "tabs",
    "votes_page",
]
