"""`python -m bench.whole_cycles --examples 200 --steps 40`: whole cycles at random, deeper than the tests go.

Drives the portal's own commands through tests/cycle_machine.py and looks after every step at what must always be true.
Prints how many acts were tried and how many the rules allowed, by kind, and which states were reached. A broken rule
ends the run with the shortest sequence of acts that breaks it."""

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.conftest import migrate_and_populate
from tests.cycle_machine import WholeCycles

tried: Counter[str] = Counter()
reached: Counter[str] = Counter()


class Counted(WholeCycles):
    def attempt(self, act: Callable[[], object]) -> None:
        before = [(case.id, case.state) for case in self.cases]
        super().attempt(act)
        after = [(case.id, case.state) for case in self.cases]
        moved = set(after) - set(before)
        tried["moved a case" if moved else "changed something else or was refused"] += 1
        reached.update(state.value for _, state in moved)


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--examples", type=int, default=100)
    given.add_argument("--steps", type=int, default=40)
    asked = given.parse_args()
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        Counted.template = Path(folder) / "evenbar.db"
        migrate_and_populate(f"sqlite:///{Counted.template}")
        run_state_machine_as_test(
            Counted,
            settings=settings(
                max_examples=asked.examples,
                stateful_step_count=asked.steps,
                deadline=None,
                database=None,
                phases=[Phase.generate, Phase.shrink],
                suppress_health_check=list(HealthCheck),
            ),
        )
    print(f"{asked.examples} cycles of up to {asked.steps} acts after the first: {time.perf_counter() - began:.0f} s")
    for kind, count in tried.most_common():
        print(f"  {count:6} acts {kind}")
    for state, count in reached.most_common():
        print(f"  {count:6} times a case came to {state}")


if __name__ == "__main__":
    main()
