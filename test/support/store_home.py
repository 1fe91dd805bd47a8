"""A cluster whose repo is not a folder of this machine, made by a recipe as users get it, and a restpoint beside it."""
import contextlib
import os
import re
import shutil
import signal
import subprocess
import time

from support import harm, ledger, recipes, restores, restoring, world

STANZA = restoring.STANZA

#: So that a test hears within seconds what pgBackRest says after minutes, by itself, of a store that is down.
HASTE = {"io-timeout": "3", "protocol-timeout": "10", "archive-timeout": "20"}


class RecipeCluster(restores.RestoreCluster):
    """`settings` are the store's own, beside the paths of this cluster. Nothing is in its repo yet."""

    def __init__(self, folder, recipe, settings):
        self.recipe = recipes.Recipe(recipe)
        self.store_settings = settings
        self.spool = folder / "spool"
        self.spool.mkdir(mode=0o700)
        shutil.chown(self.spool, "postgres", "postgres")
        super().__init__(folder)

    def values(self, **changed):
        values = {**HASTE, "lock-path": self.lock, "log-path": self.folder / "log", "pg1-path": self.data,
                  "pg1-socket-path": self.run, "pg1-port": "5432", **self.store_settings, **changed}
        if "spool-path=" in self.recipe.text:
            values["spool-path"] = self.spool
        return values

    def write_config(self, name, repo=None, **extra):
        path = self.folder / name
        changed = {} if name == "slow.conf" else extra
        path.write_text(self.recipe.render(self.values(**changed)))
        path.chmod(0o600)
        shutil.chown(path, "postgres", "postgres")
        return path

    def make_stanza(self):
        """By restpoint, and not here."""

    #: Named in full: s3rver hides folders that hold nothing but folders from who lists the one above.
    archive = f"archive/{world.STANZA}/{world.pg_bin().parent.name}-1"

    def listed(self, segment, repo=1):
        """The paths, below the archive, of the files with a segment's content."""
        done = self.bare(f"--repo={repo}", "--recurse", f"--filter={segment}-[0-9a-f]+", "repo-ls", self.archive)
        return done.stdout.split() if done.returncode == 0 else []

    def in_repo(self, segment, repo=1):
        return bool(self.listed(segment, repo))

    @contextlib.contextmanager
    def without(self, segment, repo=1):
        """Deletes a segment in the store, and puts it back."""
        name, = self.listed(segment, repo)
        path = f"{self.archive}/{name}"
        content = self.raw("repo-get", path, repo)
        self.raw("repo-rm", path, repo)
        assert not self.in_repo(segment, repo)
        try:
            yield
        finally:
            self.raw("repo-put", path, repo, content)
        assert self.in_repo(segment, repo)

    def raw(self, word, path, repo, content=b""):
        options = [] if word == "repo-rm" else ["--raw"]
        argv = self.as_postgres + ["pgbackrest", f"--config={self.config}", f"--stanza={world.STANZA}", f"--repo={repo}",
                                    "--log-level-console=off", *options, word, path]
        return subprocess.run(argv, input=content, capture_output=True, cwd="/", timeout=120, check=True).stdout


def series(text, name, **labels):
    """The value of one series of /metrics; None where it is not there."""
    for line in text.splitlines():
        match = re.fullmatch(rf"{name}(?:{{(.*)}})? (\S+)", line)
        if match:
            of = dict(re.findall(r'(\w+)="([^"]*)"', match[1] or ""))
            if all(of.get(key) == value for key, value in labels.items()):
                return float(match[2])
    return None


class StoreHome(restoring.Restoring):
    """`with StoreHome(...) as home`: the stanza is made, and a full backup taken, by restpoint."""

    def __init__(self, folder, make_cluster, settings="", begin=True):  # pylint: disable=super-init-not-called
        self.folder = folder
        self.disks = {}
        self.writer = self.cluster = self.service = None
        self.plains = 0
        try:
            self.cluster = make_cluster(self.folder)
            self.book = ledger.Ledger(self.folder / "ledger")
            self.service = world.Service(self.cluster, self.folder / "service", settings=restoring.SETTINGS + settings,
                                         postgres=restoring.control_of(self.cluster)).start()
            if begin:
                self.begin()
        except BaseException:
            self.end()
            raise
        self.victims = harm.Victims(self.service, self.cluster)

    @classmethod
    def at(cls, store):
        """With its repo in an object store, whose bucket is made first."""
        made = cls(store.folder, lambda folder: RecipeCluster(folder, store.recipe, store.settings()), begin=False)
        try:
            made.cluster.bare("repo-create")
            made.begin()
        except BaseException:
            made.end()
            raise
        return made

    def begin(self):
        self.done(self.post(""))
        self.done(self.service.back_up("full"))
        self.pass_a_second()

    def end(self):
        super().end()
        for pid, _, argv in list(world.processes()):
            if argv and os.path.basename(argv[0]) == "pgbackrest" and any(f"{self.folder}/" in a for a in argv):
                with contextlib.suppress(OSError):
                    os.kill(pid, signal.SIGKILL)

    def post(self, operation, body=None):
        """The id of the job that a POST below the stanza begins."""
        return self.ask(f"{STANZA}{operation}", body or {})["id"]

    def failed(self, job_id, seconds=180):
        job = self.service.wait_for(job_id, seconds)
        assert job["state"] == "failed", job
        return job

    def stanza(self):
        return self.service.ask(STANZA).json()

    def window(self):
        return self.service.ask(STANZA + "/window").json()

    def metric(self, name, **labels):
        return series(self.service.ask("/metrics").text, name, **labels)

    def reasons(self):
        return {reason["code"]: reason for reason in self.stanza()["reasons"]}

    def becomes(self, condition, what, seconds=90):
        """Waits until `condition(stanza)` holds, and returns the stanza: answers of the repo are some seconds old."""
        seen = {}

        def holds():
            seen["last"] = self.stanza()
            return seen["last"] if condition(seen["last"]) else None
        try:
            return world.wait_until(holds, seconds, what)
        except AssertionError as error:
            raise AssertionError(f"{error}: {seen['last']['state']} {seen['last']['reasons']} {seen['last']['archive']}") from None

    @contextlib.contextmanager
    def configured(self, **changed):
        """pgbackrest.conf with other values (option names with "_" for "-") until the block ends: each pgBackRest reads it anew."""
        before = self.cluster.config.read_text()
        self.cluster.write_config("pgbackrest.conf", **{key.replace("_", "-"): value for key, value in changed.items()})
        try:
            yield
        finally:
            self.cluster.config.write_text(before)

    def is_in_trouble(self, words, hint, repo="1", state="error", job_says_it=True):
        """A job, the stanza and the metrics all say what is the matter with the repo, and what to do."""
        error = self.failed(self.post("/checks"))["error"]
        assert not job_says_it or (words in error["message"] and hint in error["hint"]), error

        def told(stanza):
            return [r for r in stanza["reasons"] if r["code"] == "repo-status" and words in r["message"] and hint in r["hint"]]
        stanza = self.becomes(lambda s: s["state"] == state and told(s), f"a stanza in state {state} for {words}")
        assert "*** " not in told(stanza)[0]["message"], stanza["reasons"]
        assert self.metric("pgbackrest_repo_status", repo_key=repo) == 99
        assert self.metric("restpoint_backups", repo_key=repo, backup_type="full") is None
        return stanza

    def is_well_again(self):
        """By itself: a new segment and a check, and everything is as it was."""
        self.cluster.seal()
        self.done(self.post("/checks"))
        return self.becomes_ok()

    def becomes_ok(self):
        return self.becomes(lambda stanza: stanza["state"] == "ok", "a stanza that is ok")

    def page_times(self):
        """How long each page of those that ask the repo takes."""
        times = {}
        for path in (STANZA, STANZA + "/window", STANZA + "/backups", "/metrics", "/pgBackRest/info", "/", "/readyz"):
            begun = time.monotonic()
            self.service.ask(path, timeout=60)
            times[path] = time.monotonic() - begun
        return times
