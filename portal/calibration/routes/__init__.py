"""URLs of the calibration room: its pages, and the steps of a session."""

from portal.calibration.routes import pages, sitting
from portal.calibration.routes.blueprint import calibration

__all__ = ["calibration", "pages", "sitting"]
