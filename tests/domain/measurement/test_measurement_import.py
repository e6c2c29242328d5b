"""What importing the measurement package costs and offers."""

import subprocess
import sys

import portal.domain.measurement as measurement


def test_importing_the_package_does_not_import_scipy() -> None:
    code = "import sys, portal.domain.measurement; print([n for n in sys.modules if n.split('.')[0] == 'scipy'])"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert answer.stdout.strip() == "[]"


def test_nothing_imports_scipy_stats() -> None:
    code = (
        "import sys, numpy as np; from portal.domain.measurement import *;"
        "n = np.arange(24); r = n % 5;"
        "compare_tracks(np.repeat(n, 2), np.stack([r, (r + 1) % 5], 1).ravel(), np.repeat(n % 4, 2) + r.repeat(2) % 3,"
        "n % 2, (n % 3 > 0) * 1.0); fisher([[3, 1], [1, 3]]); clopper_pearson(1, 3);"
        "pillar_differences(np.eye(6), [0, 1, 0, 1, 0, 1]);"
        "boschloo([[3, 1], [1, 3]]); print('scipy.stats' in sys.modules)"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert answer.stdout.split() == ["False"]


def test_every_public_name_is_there() -> None:
    missing = [name for name in measurement.__all__ if not hasattr(measurement, name)]

    assert missing == []
