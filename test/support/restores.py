"""Clusters that are restored, and what must hold of them and of their repo afterwards, asked of bare tools."""
import contextlib
import json
import pathlib
import shutil
import subprocess
import time

from support import ledger, libpq, world


class RestoreCluster(world.SmallCluster):
    """A small cluster with the ledger's table, whose commits are on disk when they are acknowledged and keep their times.

    Its data directory stands in a folder of its own, which may be a mount, with room for what a restore puts beside it.
    """

    data_in = "pg/data"

    def __init__(self, folder, segment_mb=16, settings="", config=None):
        self.settings, self.more_config = settings, config or {}
        beside = pathlib.Path(folder) / "pg"
        beside.mkdir(mode=0o700, exist_ok=True)
        shutil.chown(beside, "postgres", "postgres")
        try:
            super().__init__(folder, segment_mb)
        except BaseException:
            self.stop()
            raise

    def write_config(self, name, repo=None, **extra):
        path = super().write_config(name, repo, **{**self.more_config, **extra})
        shutil.chown(path, "postgres", "postgres")  # restpoint names the live timeline there
        return path

    def make(self):
        # Only root and postgres come as far as the socket, so nobody is asked who he is there.
        self.initdb_options = (*self.initdb_options, "-A", "trust")
        super().make()

    def start(self):
        conf = self.data / "postgresql.conf"
        if "\ntrack_commit_timestamp" not in conf.read_text():
            with open(conf, "a", encoding="utf-8") as file:
                file.write(f"""
fsync = on
track_commit_timestamp = on
autovacuum = off
max_wal_size = 128MB
{self.settings}
""")
        try:
            super().start()
        except AssertionError as error:
            raise AssertionError(f"{error}{server_log(self.folder / 'log')}") from error

    def fill(self):
        self.sql("create table filling as select 0 as n")
        self.sql(ledger.TABLE)

    def connect(self):
        return libpq.Connection(self.run)

    def in_repo(self, segment, repo=None):
        return any(pathlib.Path(repo or self.repo).glob(f"archive/{world.STANZA}/*/{segment[:16]}/{segment}-*"))

    def seal(self, connection=None, seconds=60):
        """Ends the current segment, and returns its name once it is in the repo."""
        with contextlib.ExitStack() as ending:
            asked = connection or ending.enter_context(self.connect())
            asked.ask("insert into filling values (1)")
            segment = asked.one("select pg_walfile_name(pg_switch_wal())")
            world.wait_until(lambda: self.in_repo(segment), seconds, f"{segment} in the repo")
        return segment

    def info(self):
        """What pgbackrest says of the stanza."""
        return json.loads(self.backrest("info", "--output=json", "--log-level-console=off"))[0]

    def now(self):
        """The server's clock, in microseconds since 1970."""
        return int(self.sql("select (extract(epoch from clock_timestamp()) * 1000000)::bigint"))

    def bare(self, *args, config=None, seconds=120):
        """pgbackrest, without demanding that it ends well."""
        argv = self.as_postgres + ["pgbackrest", f"--config={config or self.config}", f"--stanza={world.STANZA}",
                                    *[str(a) for a in args]]
        return subprocess.run(argv, capture_output=True, text=True, cwd="/", timeout=seconds, check=False)


def server_log(into):
    path = into / "postgresql.log"
    return path.read_text(errors="replace")[-3000:] if path.exists() else "it wrote no log"


def start_copy(into, as_postgres=tuple(world.AS_POSTGRES), **settings):
    """Starts what lies in into/data on a socket in into/run, so that nothing of it reaches anybody."""
    settings = {"unix_socket_directories": f"{into}/run", "listen_addresses": "", "port": "5432", "archive_mode": "off",
                "archive_command": "/bin/false", "fsync": "off", "logging_collector": "off", **settings}
    options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
    argv = [*as_postgres, str(world.pg_bin() / "pg_ctl"), "-D", str(into / "data"), "-w", "-t", "60", "-l",
                                str(into / "postgresql.log"), "-o", options, "start"]
    done = subprocess.run(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, cwd="/",
                          timeout=120, check=False)
    assert done.returncode == 0, f"the restored copy did not start: {server_log(into)}"


def connect_when(into, condition, what):
    """A connection to the copy once `condition(connection)` holds: a server that can be read can still find that it cannot
    reach its target."""
    end = time.monotonic() + 60
    while True:
        try:
            connection = libpq.Connection(into / "run")
            if condition(connection):
                return connection
            connection.close()
        except (libpq.Lost, libpq.Refused) as error:
            assert (into / "data/postmaster.pid").exists(), f"the restored copy ended: {error} {server_log(into)}"
        assert time.monotonic() < end, f"{what} did not come true: {server_log(into)}"
        time.sleep(0.02)


@contextlib.contextmanager
def restored_copy(cluster, into, options, config=None):
    """Files of a `pgbackrest restore` with the user's pgbackrest.conf as it stands, but in another place, until the block
    ends; and so does what was started there."""
    into = pathlib.Path(into)
    for sub in (into, into / "data", into / "run", into / "lock"):
        sub.mkdir(mode=0o700)
        shutil.chown(sub, "postgres", "postgres")
    try:
        done = cluster.bare(f"--pg1-path={into}/data", f"--lock-path={into}/lock", f"--tablespace-map-all={into}/ts",
                            *options, "restore", config=config)
        assert done.returncode == 0, f"a plain restore ended with {done.returncode}: {done.stdout}{done.stderr}"
        yield into
    finally:
        if (into / "data/postmaster.pid").exists():
            cluster.command("pg_ctl", "-D", into / "data", "-m", "immediate", "-w", "stop", check=False)
        shutil.rmtree(into)


@contextlib.contextmanager
def plain_restore(cluster, into, *options, config=None, **settings):
    """A connection to what a plain `pgbackrest restore` makes of the repo alone: what is left when restpoint and the server
    are gone. It archives nothing."""
    with restored_copy(cluster, into, options, config):
        start_copy(into, cluster.as_postgres, primary_conninfo="", **settings)
        with connect_when(into, lambda c: c.one("select pg_is_in_recovery()") == "f", "the end of its recovery") as connection:
            yield connection


@contextlib.contextmanager
def replica(cluster, into):
    """A connection to a standby that was built from the repo and follows the server, up to where that one stands now."""
    with restored_copy(cluster, into, ["--type=standby"]):
        start_copy(into, primary_conninfo=f"host={cluster.run} user=postgres")
        position = cluster.sql("select pg_current_wal_insert_lsn()")

        def follows(connection):
            return connection.one(f"select pg_last_wal_replay_lsn() >= '{position}' and exists (select from "
                                  "pg_stat_wal_receiver where status = 'streaming')") == "t"
        with connect_when(into, follows, "the stream from the server") as connection:
            yield connection


def plainly_matches(cluster, book, target, before, into, config=None):
    """As ledger.matches, of a plain restore from the repo alone. What the server wrote so far is brought into the repo
    first."""
    earlier = book.snapshot()
    with cluster.connect() as connection:
        now = ledger.read_chain(connection)
        cluster.seal(connection)
    with plain_restore(cluster, into, config=config) as connection:
        rows = ledger.content(connection)
    return ledger.judge(rows, earlier, book.snapshot(), target, before, now)


def archiver_is_well(cluster):
    """Fails unless the archiver takes the current segment into the repo, without a failure and with nothing left behind.
    pg_stat_archiver alone would be believed too much: it counts segments that were dropped."""
    with cluster.connect() as connection:
        begun = connection.one("select clock_timestamp()")
        segment = cluster.seal(connection)

        def nothing_waits():
            waiting = connection.ask("select name from pg_ls_archive_statusdir() where name like '%.ready' and "
                                     f"name collate \"C\" <= '{segment}.ready'")
            return not waiting
        world.wait_until(nothing_waits, 60, f"the end of the archiver's work up to {segment}")
        failed = connection.ask("select last_failed_wal, last_failed_time from pg_stat_archiver "
                                f"where last_failed_time > '{begun}'")
        assert not failed, f"the archiver failed with {failed[0]}"
    return segment


def incr_works(cluster, config=None, seconds=120):
    """A bare incremental backup ends well, as soon as nobody else's is in the way; its label."""
    before = set(cluster.labels())

    def done():
        ran = cluster.bare("--type=incr", "backup", config=config)
        assert ran.returncode in (0, 50), f"an incremental backup ended with {ran.returncode}: {ran.stdout}{ran.stderr}"
        return ran.returncode == 0
    world.wait_until(done, seconds, "an incremental backup")
    return max(set(cluster.labels()) - before)
