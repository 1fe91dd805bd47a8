"""restpoint with fake_pgbackrest in the place of pgBackRest, on the server's core."""
import contextlib
import resource
import shutil
import types

import measure
import tools
from support import world

#: `pgbackrest info` of a full, a differential and an incremental backup, as people read it.
INFO_TEXT = """stanza: main
    status: ok
    cipher: none

    db (current)
        wal archive min/max (15): 000000010000000000000053/0000000100000000000000A4
""" + "".join(f"""
        {kind} backup: {label}
            timestamp start/stop: 2026-11-22 06:4{n}:35 / 2026-11-22 06:4{n}:41
            wal start/stop: 00000001000000000000005{n} / 00000001000000000000005{n}
            database size: 1.4GB, database backup size: {size}
            repo1: backup set size: 176.1MB, backup size: {size}
""" for n, (kind, label, size) in enumerate([
    ("full", "20261122-064235F", "1.4GB"), ("diff", "20261122-064235F_20261122-064335D", "84.2MB"),
    ("incr", "20261122-064235F_20261122-064435I", "12.3MB")]))


def faked(folder, mode, state=None, **variables):
    """A service of which every job does as `mode` says; not started."""
    shutil.copy(tools.fake_pgbackrest(), folder / "fake_pgbackrest")
    (folder / "info.txt").write_text(INFO_TEXT)
    shutil.copy(world.ROOT / "test/data/backrest/info-full-diff-incr.json", folder / "info.json")
    shutil.chown(folder, "postgres", "postgres")
    cluster = types.SimpleNamespace(config=folder / "none.conf", run=folder)
    service = world.Service(cluster, folder / "service", environment={
        "FAKE_PGBACKREST_MODE": mode, "FAKE_PGBACKREST_INFO": str(folder / "info.json"),
        "FAKE_PGBACKREST_INFO_TEXT": str(folder / "info.txt"), "FAKE_TIMES": str(folder / "times"),
        **{name: str(value) for name, value in variables.items()}})
    text = service.toml.read_text().replace("[pgbackrest]", f'[pgbackrest]\nbinary = "{folder}/fake_pgbackrest"')
    service.toml.write_text(text.replace(str(service.state), str(state)) if state else text)
    service.state = state or service.state
    service.times = folder / "times"
    return service


def start(service):
    """On the server's core."""
    with measure.pinned(measure.SERVER_CORE):
        return service.start()


@contextlib.contextmanager
def running(folder, mode, **variables):
    """The service, started in a folder of its own that goes with it."""
    folder.mkdir(mode=0o755)
    service = start(faked(folder, mode, **variables))
    try:
        yield service
    finally:
        service.stop()
        service.end_jobs()
        shutil.rmtree(folder)


def raise_descriptor_limit():
    """A thousand clients and as many connections of a server."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 16384), hard))


def log_of(service, job_id):
    return service.state / "jobs" / f"{job_id}.log"
