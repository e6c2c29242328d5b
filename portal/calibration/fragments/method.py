"""How the comparison is made, in plain words, with the priors and the margin this cycle uses."""

import math
from typing import Any

from portal.adapters.clock import now
from portal.calibration import queries
from portal.calibration.policy import Room
from portal.cycles.fragments import frame
from portal.domain.measurement.publication import PUBLISHED_FROM


def method_page(room: Room) -> dict[str, Any]:
    """Per ladder the priors its organisation file states, the steepness as odds-free slope and as points."""
    return {
        **frame(room.cycle, now()),
        "priors": [_prior(family) for family in queries.families_of(room.cycle)],
        "published_from": PUBLISHED_FROM,
    }


def _prior(family: Any) -> dict[str, Any]:
    policy = family.org.policy
    middle = math.exp(policy.prior_log_slope_mean)
    reach = 1.645 * policy.prior_log_slope_sd
    return {
        "ladder": family.name,
        "bar": (policy.prior_bar_mean, policy.prior_bar_sd),
        "slope": (middle, middle * math.exp(-reach), middle * math.exp(reach)),
        "log_slope": (policy.prior_log_slope_mean, policy.prior_log_slope_sd),
    }
