"""What people partners and reviewers do. The caller has been let in by a policy, and will commit."""

from portal.reviews.commands.assigning import assign, unassign, waive
from portal.reviews.commands.conflicts import declare_no_conflict, lift_recusal, recuse
from portal.reviews.commands.steps import open_review, send_to_calibration
from portal.reviews.commands.writing import ScoreInput, save_review, seal, unfinished

__all__ = [
    "ScoreInput",
    "assign",
    "declare_no_conflict",
    "lift_recusal",
    "open_review",
    "recuse",
    "save_review",
    "seal",
    "send_to_calibration",
    "unassign",
    "unfinished",
    "waive",
]
