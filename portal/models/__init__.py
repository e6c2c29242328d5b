"""Floor 1: tables and their invariants, one file per aggregate; a file imports only those above it."""

from portal.models import (
    audit,
    base,
    calibration,
    calibration_session,
    case,
    cycle,
    decision,
    idempotency,
    ladder,
    letter,
    outbox,
    packet,
    person,
    review,
    trial,
)

__all__ = [
    "audit",
    "base",
    "calibration",
    "calibration_session",
    "case",
    "cycle",
    "decision",
    "idempotency",
    "ladder",
    "letter",
    "outbox",
    "packet",
    "person",
    "review",
    "trial",
]
