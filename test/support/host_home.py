"""PostgreSQL, its repo and its standby on hosts of their own, by the recipes tls-repo-host and standby, with a restpoint beside
PostgreSQL and one on the repo host."""
import http.client
import shutil
import socket
import subprocess

from support import certificates, harm, hosts, ledger, recipes, restores, restoring, store_home, world

PORT = 8432


class LocalConnection(http.client.HTTPConnection):
    """By a Unix socket, which is the same in all network namespaces."""

    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class HostService(world.Service):
    def __init__(self, host, cluster, folder, config, postgres, settings=""):
        self.host = host
        super().__init__(cluster, folder, config, restoring.SETTINGS + settings, postgres=postgres)
        self.socket = folder / "restpoint.sock"
        self.toml.write_text(self.toml.read_text().replace("[server]\n", f'[server]\nunix_socket = "{self.socket}"\n', 1))

    def launch(self, as_postgres=None):
        super().launch(as_postgres or self.host.as_postgres)

    def connection(self, timeout):
        return LocalConnection(self.socket, timeout)


class HostCluster(restores.RestoreCluster):
    """On pg-host, with the recipe's pgbackrest.conf and its repo elsewhere."""

    def __init__(self, home, folder):
        self.home = home
        self.as_postgres = home.network["pg-host"].as_postgres
        super().__init__(folder)

    def write_config(self, name, repo=None, **extra):
        return self.home.write_pg_host(self.folder / name, **({} if name == "slow.conf" else extra))

    def start(self):
        reachable = f"host all,replication postgres {hosts.NETWORK}.0/24 trust\n"
        if reachable not in (self.data / "pg_hba.conf").read_text():
            with open(self.data / "pg_hba.conf", "a", encoding="utf-8") as hba:
                hba.write(reachable)
            with open(self.data / "postgresql.conf", "a", encoding="utf-8") as conf:
                conf.write(f"listen_addresses = '{self.home.network['pg-host'].address}'\n")
        super().start()

    def make_stanza(self):
        """By restpoint on the repo host, and not here."""

    def in_repo(self, segment, repo=None):
        return super().in_repo(segment, self.home.repo)

    def archived_file(self, segment):
        return next(self.home.repo.glob(f"archive/{world.STANZA}/*/{segment[:16]}/{segment}-*"))


class HostHome(store_home.StoreHome):
    """The service of StoreHome is the one beside PostgreSQL; `far` is the one on the repo host."""

    def __init__(self):  # pylint: disable=super-init-not-called
        self.folder = world.make_folder()
        self.network = self.writer = self.cluster = self.service = self.far = self.standby = None
        self.disks, self.plains = {}, 0
        self.repo = self.folder / "far/repo"
        try:
            for sub in ("far", "far/repo", "far/lock", "standby", "standby/run", "standby/lock"):
                (self.folder / sub).mkdir(mode=0o700)
                shutil.chown(self.folder / sub, "postgres", "postgres")
            self.network = hosts.Network(self.folder, "pg-host", "repo-host", "standby-host")
            self.authority = certificates.Authority(self.folder / "certificates")
            self.pairs = {name: self.authority.issue(name) for name in self.network.hosts}
            self.far_config = self.write_repo_host("tls-repo-host/repo-host.conf")
            self.network["repo-host"].serve(self.far_config, self.folder / "repo-host.log", PORT)
            self.cluster = HostCluster(self, self.folder)
            self.network["pg-host"].serve(self.cluster.config, self.folder / "pg-host.log", PORT)
            self.start_services()
            self.begin()
        except BaseException:
            self.end()
            raise
        self.victims = harm.Victims(self.service, self.cluster)

    def own(self, name, option):
        """The files of a host's certificate, as `option`-ca-file and so on."""
        certificate, key = self.pairs[name]
        return {f"{option}-ca-file": self.authority.certificate, f"{option}-cert-file": certificate, f"{option}-key-file": key}

    def write_file(self, path, recipe, values):
        path.write_text(recipes.Recipe(recipe).render({"io-timeout": "3", "protocol-timeout": "20", **values}))
        path.chmod(0o600)
        shutil.chown(path, "postgres", "postgres")
        return path

    def write_pg_host(self, path, **changed):
        return self.write_file(path, "tls-repo-host/pg-host.conf", {
            "lock-path": self.folder / "lock", "log-path": self.folder / "log", "pg1-path": self.folder / "pg/data",
            "pg1-socket-path": self.folder / "run", "repo1-host-config": self.folder / "far/pgbackrest.conf",
            **self.own("pg-host", "repo1-host"), **self.own("pg-host", "tls-server"), **changed})

    def write_standby_host(self, path):
        return self.write_file(path, "standby/standby-host.conf", {
            "lock-path": self.folder / "standby/lock", "pg1-path": self.folder / "standby/data",
            "pg1-socket-path": self.folder / "standby/run", "repo1-host-config": self.folder / "far/pgbackrest.conf",
            **self.own("standby-host", "repo1-host"), **self.own("standby-host", "tls-server")})

    def write_repo_host(self, recipe):
        values = {"lock-path": self.folder / "far/lock", "repo1-path": self.repo, "archive-timeout": "20",
                  "pg1-host-config": self.folder / "pgbackrest.conf", "pg1-path": self.folder / "pg/data",
                  "pg1-socket-path": self.folder / "run", **self.own("repo-host", "pg1-host"), **self.own("repo-host", "tls-server")}
        if "standby" in recipe:
            values |= {"pg2-host-config": self.folder / "standby/pgbackrest.conf", "pg2-path": self.folder / "standby/data",
                       "pg2-socket-path": self.folder / "standby/run", **self.own("repo-host", "pg2-host")}
        return self.write_file(self.folder / "far/pgbackrest.conf", recipe, values)

    def start_services(self):
        far = 'socket_dir = "pg-host"'
        self.far = HostService(self.network["repo-host"], self.cluster, self.folder / "far-service", self.far_config, "")
        text = self.far.toml.read_text()
        self.far.toml.write_text(text.replace(f'socket_dir = "{self.cluster.run}"', far))
        self.far.start()
        self.service = HostService(self.network["pg-host"], self.cluster, self.folder / "service", self.cluster.config,
                                   restoring.control_of(self.cluster))
        self.service.start()
        self.book = ledger.Ledger(self.folder / "ledger")

    def begin(self):
        self.done_far(self.post_far(""))
        self.done_far(self.far.back_up("full"))
        self.pass_a_second()

    def post_far(self, operation):
        answer = self.far.ask(f"{store_home.STANZA}{operation}", "POST", {})
        assert answer.status == 202, answer.text
        return answer.json()["id"]

    def queued_backup_ends(self):
        """None is queued behind a restore here: they are the repo host's."""
        world.wait_until(lambda: not [j for j in self.service.jobs() if j["state"] in ("queued", "running")], 180, "the end of all jobs")

    def done_far(self, job_id):
        job = self.far.wait_for(job_id)
        assert job["state"] == "succeeded", f"{job}\n{self.far.raw_log(job_id)[-6000:]}"
        return job

    def far_becomes(self, condition, what):
        def holds():
            stanza = self.far.ask(store_home.STANZA).json()
            return stanza if condition(stanza) else None
        return world.wait_until(holds, 90, what)

    def add_standby(self):
        """A standby from the repo, which follows the primary, and the repo host's configuration that knows of it."""
        host, folder = self.network["standby-host"], self.folder / "standby"
        config = self.write_standby_host(folder / "pgbackrest.conf")
        self.network["repo-host"].stop_serving()
        self.write_repo_host("standby/repo-host.conf")
        self.network["repo-host"].serve(self.far_config, self.folder / "repo-host.log", PORT)
        (folder / "data").mkdir(mode=0o700)
        shutil.chown(folder / "data", "postgres", "postgres")
        subprocess.run([*host.as_postgres, "pgbackrest", f"--config={config}", f"--stanza={world.STANZA}", "--type=standby", "restore"],
                       check=True, capture_output=True, timeout=300, cwd="/")
        self.standby = (host, folder)
        restores.start_copy(folder, host.as_postgres, listen_addresses=host.address,
                            primary_conninfo="host=pg-host user=postgres")
        with restores.connect_when(folder, lambda c: c.one("select exists (select from pg_stat_wal_receiver where status = "
                                                           "'streaming')") == "t", "a standby that streams"):
            host.serve(config, self.folder / "standby-host.log", PORT)

    def end(self):
        if self.far:
            self.far.stop()
            self.far.end_jobs()
        if self.standby:
            host, folder = self.standby
            subprocess.run([*host.as_postgres, str(world.pg_bin() / "pg_ctl"), "-D", str(folder / "data"), "-m", "immediate", "-w", "stop"],
                           check=False, capture_output=True, timeout=120, cwd="/")
        super().end()
        if self.network:
            self.network.end()
        shutil.rmtree(self.folder, ignore_errors=True)
