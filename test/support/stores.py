"""Object stores on loopback: real servers from the npm registry, which a test starts, stops and asks for its repo's files."""
import base64
import contextlib
import shutil
import signal
import socket
import subprocess

from support import certificates, world

#: How long a store may take to listen on a machine that has other things to do.
PATIENCE = 120


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def listens(port):
    with socket.socket() as asking:
        asking.settimeout(1)
        return asking.connect_ex(("127.0.0.1", port)) == 0


class Store:
    """Speaks TLS on a port that stays its own when it is stopped and started again."""

    recipe = ""  #: the file in config/recipes
    name = "pgbr"  #: of the bucket or container

    def __init__(self, folder, packages):
        self.folder, self.packages = folder, packages
        self.data = folder / "store"
        self.data.mkdir()
        self.authority = certificates.Authority(folder / "certificates")
        self.pair = self.authority.issue("localhost")
        self.port = free_port()
        self.log = folder / "store.log"
        self.process = None

    @classmethod
    def make(cls, packages):
        """One that runs, in a folder that ends with it."""
        made = cls(world.make_folder(), packages)
        try:
            return made.start()
        except BaseException:
            made.end()
            raise

    def argv(self):
        raise NotImplementedError

    def environment(self):
        return {}

    def settings(self):
        """What its recipe takes from it; pgBackRest looks for the name in the certificate, never for an address."""
        return {"repo1-storage-host": "localhost", "repo1-storage-port": self.port,
                "repo1-storage-ca-file": self.authority.certificate}

    def start(self, pair=None):
        certificate, key = pair or self.pair
        program, *words = self.argv()
        argv = ["node", self.packages / "node_modules/.bin" / program, *words, "--cert", certificate, "--key", key]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([str(a) for a in argv], env={"PATH": "/usr/local/bin:/usr/bin:/bin", **self.environment()},
                                            stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=self.folder)

        def ready():
            assert self.process.poll() is None, f"the store ended at once: {self.log.read_text()}"
            return listens(self.port)
        world.wait_until(ready, PATIENCE, "a store that listens")
        return self

    def stop(self):
        """It refuses connections from here on."""
        if self.process:
            self.process.kill()
            self.process.wait(30)
            self.process = None

    @contextlib.contextmanager
    def hanging(self):
        """Within it connections are taken and nothing is answered."""
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    def restart(self, pair=None):
        self.stop()
        self.start(pair)

    def end(self):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


class S3(Store):
    recipe = "s3.conf"

    def argv(self):
        return ["s3rver", "--silent", "-d", self.data, "-a", "127.0.0.1", "-p", self.port, "--no-vhost-buckets"]

    def settings(self):
        return {**super().settings(), "repo1-s3-bucket": self.name, "repo1-s3-endpoint": "s3.local", "repo1-s3-region": "us-east-1",
                "repo1-s3-key": "S3RVER", "repo1-s3-key-secret": "S3RVER", "repo1-s3-uri-style": "path"}


class Azure(Store):
    recipe = "azure.conf"
    account = "pgacct"
    secret = base64.b64encode(b"a secret that only a test may have").decode()

    def argv(self):
        return ["azurite-blob", "--silent", "-l", self.data, "--blobHost", "127.0.0.1", "--blobPort", self.port, "--disableTelemetry",
                "--skipApiVersionCheck"]

    def environment(self):
        return {"AZURITE_ACCOUNTS": f"{self.account}:{self.secret}"}

    def settings(self):
        return {**super().settings(), "repo1-azure-container": self.name, "repo1-azure-endpoint": "azure.local",
                "repo1-azure-account": self.account, "repo1-azure-key": self.secret, "repo1-azure-uri-style": "path"}
