"""What happens in a session of the committee, one verb a file: it begins, a case is put on the table, everyone thinks
alone and then all is shown, what is said is noted, what is changed is recorded, and it ends."""

from portal.calibration.commands.sitting.begin import begin_session
from portal.calibration.commands.sitting.change import Proposed, change_position
from portal.calibration.commands.sitting.end import end_session
from portal.calibration.commands.sitting.note import note
from portal.calibration.commands.sitting.own_manager import note_manager
from portal.calibration.commands.sitting.pre_vote import pre_vote
from portal.calibration.commands.sitting.put import put_on_table
from portal.calibration.commands.sitting.reveal import reveal
from portal.calibration.commands.sitting.table import seen_by

__all__ = [
    "Proposed",
    "begin_session",
    "change_position",
    "end_session",
    "note",
    "note_manager",
    "pre_vote",
    "put_on_table",
    "reveal",
    "seen_by",
]
