"""The doors of this room: `reviews` for those who write, `assignments` for those who choose the writers,
`anchors` for the packets that everybody scores, `due` for another day than the cycle's."""

from portal.reviews.routes import chasing, conflicts, offline, planning
from portal.reviews.routes.anchors import anchors
from portal.reviews.routes.assigning import assignments
from portal.reviews.routes.due import due
from portal.reviews.routes.reviewing import reviews

__all__ = ["anchors", "assignments", "chasing", "conflicts", "due", "offline", "planning", "reviews"]
