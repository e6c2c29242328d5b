"""The doors of this room: `reviews` for those who write, `assignments` for those who choose the writers."""

from portal.reviews.routes import conflicts, offline, planning
from portal.reviews.routes.assigning import assignments
from portal.reviews.routes.reviewing import reviews

__all__ = ["assignments", "conflicts", "offline", "planning", "reviews"]
