"""Functions of the entry point on their own, with programs that say what a case needs. No container is started."""
import os
import subprocess

import pytest

from support import world

PARTS = world.ROOT / "deploy/image"


@pytest.fixture
def parts(tmp_path):
    """Runs a script behind the entry point's functions; `programs` stand before those of the machine."""
    for name in ("data", "home", "run", "share", "bin"):
        (tmp_path / name).mkdir()

    def run(script, **programs):
        for name, body in programs.items():
            program = tmp_path / "bin" / name
            program.write_text(f"#!/bin/bash\necho \"{name} $*\" >>'{tmp_path}/told'\n{body}\n")
            program.chmod(0o755)
        (tmp_path / "told").write_text("")
        text = (f"set -euo pipefail\nparts={PARTS}\nfor part in settings volume private restore; do . $parts/$part.sh; done\n"
                f"home={tmp_path}/home run={tmp_path}/run share={tmp_path}/share\n{script}")
        done = subprocess.run(["bash", "-c", text], capture_output=True, text=True, check=False, timeout=60,
                              env={"PATH": f"{tmp_path}/bin:{os.environ['PATH']}", "PGDATA": f"{tmp_path}/data", "AT": str(tmp_path)})
        done.told = (tmp_path / "told").read_text()
        return done

    run.at = tmp_path
    return run


@pytest.mark.parametrize("steps, held", [
    ("", False),
    ("begin prepare, end prepare, begin restore", False),
    ("begin stop", True),
    ("begin stop, end stop, begin swap", True),
    ("begin stop, end stop, begin start, end start, begin release", False),
    ("begin replay, back failed, begin halt", False),
    ("begin replay, back failed, begin halt, end halt, begin discard", False),
    ("begin stop, end stop, begin start, back failed, begin halt", True),
    ("begin stop, end stop, begin start, end start, back failed, begin halt, end halt, begin swap_back", True),
    ("begin stop, end stop, back failed, begin start_old, end start_old", False),
    ("begin stop, end stop, done ok", False)])
def test_a_restore_holds_postgresql_stopped_only_behind_its_stop(parts, steps, held):
    journal = parts.at / "data/.restpoint/7/journal"
    journal.parent.mkdir(parents=True)
    journal.write_text("".join(f"{number} {step}\n" for number, step in enumerate(filter(None, steps.split(", ")))))

    assert (parts("under_restore").returncode == 0) == held
