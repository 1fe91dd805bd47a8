"""What stands beside PostgreSQL in a container at rest: supervisord with restpoint, and with the Python server and the Python cron
that restpoint replaces (old_stack/ stands in for them)."""
import pathlib
import shutil
import subprocess
import time

import measure
import rivals
import services
from support import world
from table import MEBIBYTES, Row

OLD = pathlib.Path(__file__).with_name("old_stack")
SECONDS_OF_REST = 3


def supervised(folder, programs):
    """The pid of a supervisord in `folder`, with a dashboard as in the image."""
    config = folder / "supervisord.conf"
    sections = "".join(f"[program:{name}]\ncommand={' '.join(map(str, argv))}\nredirect_stderr=true\n"
                       f"stdout_logfile={folder}/{name}.log\nuser=postgres\n{more}\n" for name, (argv, more) in programs.items())
    config.write_text(f"""
[supervisord]
nodaemon=true
user=root
logfile={folder}/supervisord.log
pidfile={folder}/supervisord.pid
childlogdir={folder}
[unix_http_server]
file={folder}/supervisord.sock
[inet_http_server]
port=127.0.0.1:{rivals.free_port()}
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
{sections}""")
    with open(folder / "output.log", "wb") as log:
        return subprocess.Popen(["/usr/bin/supervisord", "-c", str(config)], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                cwd=folder)


def proportional(pid):
    """PSS: pages that several processes share count for each with its share."""
    for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    raise AssertionError(f"no Pss of {pid}")


def at_rest(supervisor, port, path, programs):
    """Asked once, then left alone."""
    try:
        world.wait_until(lambda: rivals.answers(port, path), 30, f"an answer at {path}")
        rivals.answers(port, "/pgBackRest/info")
        world.wait_until(lambda: len(measure.family(supervisor.pid)) == programs + 1, 30, "every program")
        time.sleep(SECONDS_OF_REST)
        everybody = measure.family(supervisor.pid)
        alone = [pid for pid in everybody if pid != supervisor.pid]
        return {"all": {"pss": sum(map(proportional, everybody)), "anon": sum(measure.memory(p)["RssAnon"] for p in everybody)},
                "alone": {"pss": sum(map(proportional, alone)), "anon": sum(measure.memory(p)["RssAnon"] for p in alone)}}
    finally:
        supervisor.terminate()
        supervisor.wait(60)


def ours(folder):
    service = services.faked(folder, "ok")
    port = rivals.free_port()
    service.toml.write_text(service.toml.read_text().replace("127.0.0.1:0", f"127.0.0.1:{port}"))
    variables = ",".join(f'{name}="{value}"' for name, value in service.environment.items())
    supervisor = supervised(folder, {
        "restpoint": ([service.program, "serve", "--config", service.toml], f"environment={variables}")})
    return at_rest(supervisor, port, "/livez", 1)


def old(folder):
    fake = services.faked(folder, "ok").environment
    for part in OLD.glob("*.py"):  # where user postgres can read them
        shutil.copy(part, folder)
    port = rivals.free_port()
    variables = ",".join(f'{name}="{value}"' for name, value in fake.items())
    supervisor = supervised(folder, {
        "server": (["/usr/bin/python3", folder / "server.py", port, folder / "fake_pgbackrest"], f"environment={variables}"),
        "cron": (["/usr/bin/python3", folder / "cron.py", folder / "fake_pgbackrest"], "")})
    return at_rest(supervisor, port, "/pgBackRest/info", 2)


def bench(stage):
    folders = (stage.folder / f"stack-{n}" for n in range(1000))

    def fresh(what):
        folder = next(folders)
        folder.mkdir(mode=0o755)
        return what(folder)

    seen = measure.in_turns(stage.how.rounds, {"ours": lambda: fresh(ours), "old": lambda: fresh(old)})
    other = "the old stack"
    for what, part in (("restpoint", "alone"), ("a container without PostgreSQL, supervisord and all", "all")):
        for figure, name in (("pss", "PSS"), ("anon", "RssAnon")):
            values = {who: [run[part][figure] for run in runs] for who, runs in seen.items()}
            yield Row.compared(f"memory at rest of {what}: {name}", MEBIBYTES, values["ours"], other, values["old"])
