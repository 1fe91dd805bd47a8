"""The session in README is what the program prints."""
import re
import shlex
import shutil
import subprocess

import pytest

from support import world

README = (world.ROOT / "README.md").read_text()


@pytest.fixture
def beside_postgres():
    """A service beside a small PostgreSQL whose repo has no backup yet."""
    folder = world.make_folder()
    cluster = world.SmallCluster(folder)
    service = world.Service(cluster, folder / "service").start()
    yield service
    service.stop()
    service.end_jobs()
    cluster.stop()
    shutil.rmtree(folder)


def session():
    """[(command, its lines)] of the block behind the mark."""
    block = README.partition("<!-- a session of the client -->\n```\n")[2].partition("```")[0]
    commands = []
    for line in block.splitlines():
        if line.startswith("$ "):
            commands.append((line[2:], []))
        else:
            commands[-1][1].append(line)
    return commands


def shape(lines):
    """Without what differs from run to run: figures, how often progress is told, the widths of columns."""
    kept = [line for line in lines if not re.match(r"(start|copy|archive|check|expire)\b(?! of)", line)]
    shaped = (re.sub(r"[0-9A-F]{8,}|\d[\d.:-]*( (B|kB|MB|GB|s|min))?", "#", line) for line in kept)
    return [re.sub(r"#( ?[#FDIZ_-]+)+", "#", re.sub(r" +", " ", line)).strip() for line in shaped]


def test_the_session_in_the_readme_is_what_the_program_prints(beside_postgres):
    commands = session()
    assert len(commands) >= 4
    for command, printed in commands:
        program, *words = shlex.split(command)
        assert program == "restpoint"
        done = subprocess.run([beside_postgres.program, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=120, check=False,
                              env={"RESTPOINT_URL": f"http://127.0.0.1:{beside_postgres.port}"})
        assert shape(done.stdout.splitlines()) == shape(printed), command
