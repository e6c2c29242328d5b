"""Whole cycles in any order: a short run of tests/cycle_machine.py. `python -m bench.whole_cycles` goes deeper, and
looks for the shortest sequence of acts that breaks a rule, which takes longer than a test may."""

from pathlib import Path

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.conftest import migrate_and_populate
from tests.cycle_machine import WholeCycles

SHORT = settings(
    max_examples=8,
    stateful_step_count=14,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def test_whatever_people_do_the_rules_hold(sqlite_templates) -> None:
    template: Path = sqlite_templates(migrate_and_populate)
    run_state_machine_as_test(type("Short", (WholeCycles,), {"template": template}), settings=SHORT)
