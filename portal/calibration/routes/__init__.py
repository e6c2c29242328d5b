"""URLs of the calibration room: its pages, what can be taken along, and the steps of a session."""

from portal.calibration.routes import pages, reports, sitting
from portal.calibration.routes.blueprint import calibration

__all__ = ["calibration", "pages", "reports", "sitting"]
