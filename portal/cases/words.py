"""What a step of a case is called where people read that it was taken."""

from flask_babel import lazy_gettext as _l

from portal.domain.case_flow import Action

STEPS = {
    Action.SUBMIT: _l("submitted the case"),
    Action.RETURN: _l("returned the case for evidence"),
    Action.OPEN_REVIEW: _l("opened the review"),
    Action.SEND_TO_CALIBRATION: _l("sent the case to calibration"),
    Action.DECIDE: _l("settled the decision"),
    Action.RELEASE: _l("released the case"),
    Action.ACKNOWLEDGE: _l("acknowledged the letter"),
    Action.APPEAL: _l("appealed"),
    Action.UPHOLD: _l("upheld the decision"),
    Action.SEND_BACK_TO_REVIEW: _l("sent the case back to review"),
    Action.SEND_BACK_TO_CALIBRATION: _l("sent the case back to calibration"),
    Action.CLOSE: _l("closed the case"),
    Action.WITHDRAW: _l("withdrew the case"),
    Action.REVIVE: _l("took the case up again"),
}


def step_in_words(action: Action) -> str:
    """A phrase in the past tense that follows a name: "sent the case to calibration"."""
    return str(STEPS[action])
