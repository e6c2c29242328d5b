"""Verbs of the calibration room: open, cast and close a secret ballot; run the check of the bars, again when a decision
changed; publish it, and take back what no longer holds."""

from portal.calibration.commands.bar_check import run_bar_check
from portal.calibration.commands.cast import cast
from portal.calibration.commands.close_ballot import close_ballot
from portal.calibration.commands.dissent import dissent
from portal.calibration.commands.open_ballot import open_ballot
from portal.calibration.commands.open_batch import open_unanimous
from portal.calibration.commands.publish import publish_statements
from portal.calibration.commands.recheck import recheck
from portal.calibration.commands.take_back import take_back_overtaken

__all__ = [
    "cast",
    "close_ballot",
    "dissent",
    "open_ballot",
    "open_unanimous",
    "publish_statements",
    "recheck",
    "run_bar_check",
    "take_back_overtaken",
]
