"""Completion in real shells, of a real service's stanzas, jobs and schedules."""
import contextlib
import os
import pty
import re
import select
import subprocess

import pytest

from support import programs, world

SETTINGS = """
[[schedule]]
name = "nightly"
action = "check"
cron = "@yearly"
"""


@pytest.fixture
def asked(new_service):
    """A service with a job and a schedule, and an environment in which `restpoint` asks it."""
    service = new_service(settings=SETTINGS)
    service.wait_for(service.back_up("full"))
    environment = {"PATH": f"{service.folder}:/usr/bin:/bin", "TERM": "xterm", "HOME": str(service.folder),
                   "RESTPOINT_URL": f"http://127.0.0.1:{service.port}"}
    return service, environment


def bash_words(environment, line):
    """What bash would put in the place of the last word."""
    script = """
source <(restpoint completion bash)
compopt() { echo "compopt $*"; }
COMP_LINE=$1 COMP_POINT=${#1}
_restpoint
printf '%s\\n' "${COMPREPLY[@]}"
"""
    out = programs.run(programs.needed("bash"), "--norc", "-c", script, "bash", line, env=environment)
    return [word for word in out.splitlines() if word]


def test_bash_completes_commands_flags_and_what_the_service_knows(asked):
    service, environment = asked
    job_id = service.jobs()[0]["id"]

    def complete(line):
        return bash_words(environment, line)

    assert complete("restpoint ba") == ["backup"]
    assert complete("restpoint schedule re") == ["resume"]
    assert complete("restpoint backup --ty") == ["--type"]
    assert complete("restpoint backup --type ") == ["full", "diff", "incr"]
    assert complete("restpoint backup --type=d") == ["diff"]  # behind the "=" that bash breaks at
    assert complete("restpoint info --stanza ") == [world.STANZA]
    assert complete(f"restpoint info --stanza={world.STANZA[0]}") == [world.STANZA]
    assert complete("restpoint logs ") == [job_id]
    assert complete("restpoint cancel ") == []  # it has ended
    assert complete("restpoint schedule pause n") == ["nightly"]
    assert complete("restpoint serve --server.li") == ["compopt -o nospace", "--server.listen="]
    assert complete("restpoint serve --config ") == ["compopt -o default"]
    assert complete("restpoint jobs --server http://127.0.0.1:1 --st") == ["--state"]
    assert complete("restpoint logs --server=http://127.0.0.1:1 ") == []
    # Every kind of job that the service has.
    kinds = service.ask("/api/v1/openapi.json").json()["components"]["schemas"]["JobKind"]["enum"]
    assert set(complete("restpoint jobs --kind ")) <= set(kinds)


class Shell:
    """An interactive one on a terminal of its own, without anybody's settings."""

    def __init__(self, environment, *argv):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execve(argv[0], argv, environment)
        self.text = ""

    def wait_for(self, pattern):
        """What stands on the terminal up to `pattern`, which is taken."""
        def seen():
            if select.select([self.fd], [], [], 0.1)[0]:
                self.text += os.read(self.fd, 65536).decode(errors="replace")
            return re.search(pattern, self.text)
        try:
            found = world.wait_until(seen, 60, f"{pattern!r} on the terminal")
        except AssertionError as late:
            raise AssertionError(f"{late}; there is {self.text!r}") from late
        before, self.text = self.text[:found.end()], self.text[found.end():]
        return before

    def type(self, text):
        os.write(self.fd, text.encode())

    def end(self):
        with contextlib.suppress(OSError):
            self.type("\x15exit\n")
            while os.read(self.fd, 65536):
                pass
        os.waitpid(self.pid, 0)
        os.close(self.fd)


@pytest.mark.parametrize("name, flags, ready", [
    ("bash", ["--norc", "-i"], ""),
    ("zsh", ["-f", "-i"], "autoload -U compinit; compinit -u -D; unsetopt beep; "),
])
def test_a_key_completes_in_an_interactive_shell(asked, name, flags, ready):
    service, environment = asked
    job_id = service.jobs()[0]["id"]
    shell = Shell(environment, programs.needed(name), *flags)
    try:
        shell.type(f"{ready}PS1='ready> '; source <(restpoint completion {name}); echo com''plete\n")
        shell.wait_for("complete\r\n[^!]*ready> ")  # typed before, it would be echoed by the terminal
        shell.type("restpoint schedule pa\tni\t")
        shell.wait_for("restpoint schedule pause.*nightly")
        shell.type("\x15restpoint backup --type=d\t")
        shell.wait_for("--type=diff")
        shell.type("\x15restpoint logs \t")
        shell.wait_for(f"restpoint logs .*{job_id}")
        shell.type("\x15restpoint info --stanza m\t --output j\t")
        shell.wait_for(f"--stanza.*{world.STANZA}.*--output.*json")
    finally:
        shell.end()


def test_zsh_loads_it_from_a_folder(asked):
    service, environment = asked
    folder = service.folder / "functions"
    folder.mkdir()
    script = subprocess.run([service.program, "completion", "zsh"], capture_output=True, check=True).stdout
    (folder / "_restpoint").write_bytes(script)
    shell = Shell(environment, programs.needed("zsh"), "-f", "-i")
    try:
        shell.type(f"fpath=({folder} $fpath); autoload -U compinit; compinit -u -D; PS1='ready> '; echo com''plete\n")
        shell.wait_for("complete\r\n[^!]*ready> ")  # typed before, it would be echoed by the terminal
        shell.type("restpoint verif\t")
        shell.wait_for("restpoint verify")
    finally:
        shell.end()
