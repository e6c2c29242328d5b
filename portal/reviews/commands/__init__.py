"""What people partners and reviewers do. The caller has been let in by a policy, and will commit."""

from portal.reviews.commands.amending import affirm, amend, keep_amendment, latest_version, take_over, version_number
from portal.reviews.commands.anchors import (
    change_anchor,
    close_anchor,
    copied_text,
    open_anchor,
    save_anchor_scores,
    write_anchor,
)
from portal.reviews.commands.applying import APPLY, AT_ONCE, apply_some, is_applying, order_plan
from portal.reviews.commands.assigning import assign, unassign, waive
from portal.reviews.commands.chasing import decline_review, nudge
from portal.reviews.commands.conflicts import confirm_recusal, declare_no_conflict, lift_recusal, recuse
from portal.reviews.commands.due import set_feedback_due, set_review_due
from portal.reviews.commands.offline import Change, Looked, look_at, take_in
from portal.reviews.commands.planning import FIND, apply_plan, cancel, find_reviewers
from portal.reviews.commands.steps import open_review, send_to_calibration
from portal.reviews.commands.taking_in import take_in_assignments
from portal.reviews.commands.writing import ScoreInput, save_review, seal, unfinished

__all__ = [
    "APPLY",
    "AT_ONCE",
    "FIND",
    "Change",
    "Looked",
    "ScoreInput",
    "affirm",
    "amend",
    "apply_plan",
    "apply_some",
    "assign",
    "cancel",
    "change_anchor",
    "close_anchor",
    "confirm_recusal",
    "copied_text",
    "declare_no_conflict",
    "decline_review",
    "find_reviewers",
    "is_applying",
    "keep_amendment",
    "latest_version",
    "lift_recusal",
    "look_at",
    "nudge",
    "open_anchor",
    "open_review",
    "order_plan",
    "recuse",
    "save_anchor_scores",
    "save_review",
    "seal",
    "send_to_calibration",
    "set_feedback_due",
    "set_review_due",
    "take_in",
    "take_in_assignments",
    "take_over",
    "unassign",
    "unfinished",
    "version_number",
    "waive",
    "write_anchor",
]
