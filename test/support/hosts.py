"""Hosts in network namespaces on one bridge, with names that only they know.

The namespaces have no names of their own and live as long as a child process of the test each: however the test ends, nothing of
them stays.
"""
import subprocess

from support import world

NETWORK = "10.77.0"


def run(*argv):
    subprocess.run([str(a) for a in argv], check=True, capture_output=True, timeout=60, stdin=subprocess.DEVNULL)


class Namespace:
    """`cat` holds it, until its standard input ends."""

    def __init__(self):
        self.holder = subprocess.Popen(["unshare", "--net", "--mount", "--propagation", "private", "cat"], stdin=subprocess.PIPE,
                                       stdout=subprocess.PIPE)
        self.holder.stdin.write(b"\n")
        self.holder.stdin.flush()
        assert self.holder.stdout.readline() == b"\n"  # it is inside

    @property
    def pid(self):
        return self.holder.pid

    @property
    def enter(self):
        return ["nsenter", f"--net=/proc/{self.pid}/ns/net", f"--mount=/proc/{self.pid}/ns/mnt"]

    def run(self, *argv):
        run(*self.enter, *argv)

    def end(self):
        self.holder.stdin.close()
        self.holder.wait(30)
        self.holder.stdout.close()


class Host(Namespace):
    def __init__(self, name, address):
        super().__init__()
        self.name, self.address = name, address
        self.server = None  #: pgbackrest server

    @property
    def as_postgres(self):
        return self.enter + world.AS_POSTGRES

    def serve(self, config, log, port):
        """Starts `pgbackrest server` on it."""
        with open(log, "ab") as out:
            self.server = subprocess.Popen([*self.as_postgres, "pgbackrest", f"--config={config}", "--log-level-console=info", "server"],
                                           stdout=out, stderr=out, stdin=subprocess.DEVNULL, cwd="/")

        def ready():
            assert self.server.poll() is None, log.read_text()
            return subprocess.run([*self.enter, "bash", "-c", f": < /dev/tcp/{self.address}/{port}"], check=False,
                                  capture_output=True).returncode == 0
        world.wait_until(ready, 60, f"pgbackrest's server on {self.name}")

    def stop_serving(self):
        if self.server:
            self.server.terminate()
            self.server.wait(60)
            self.server = None

    def end(self):
        self.stop_serving()
        super().end()


class Network:
    """One bridge in a namespace of its own, and a host with an address for each name."""

    def __init__(self, folder, *names):
        self.made = []
        self.hosts = {}
        try:
            bridge = Namespace()
            self.made.append(bridge)
            bridge.run("ip", "link", "add", "br0", "type", "bridge")
            bridge.run("ip", "link", "set", "br0", "up")
            known = folder / "hosts"
            addresses = {name: f"{NETWORK}.{number}" for number, name in enumerate(names, 1)}
            known.write_text("127.0.0.1 localhost\n" + "".join(f"{address} {name}\n" for name, address in addresses.items()))
            for number, (name, address) in enumerate(addresses.items(), 1):
                host = Host(name, address)
                self.made.append(host)
                self.hosts[name] = host
                bridge.run("ip", "link", "add", f"port{number}", "type", "veth", "peer", "name", "eth0", "netns", host.pid)
                bridge.run("ip", "link", "set", f"port{number}", "master", "br0", "up")
                for words in (["addr", "add", f"{address}/24", "dev", "eth0"], ["link", "set", "eth0", "up"], ["link", "set", "lo", "up"]):
                    host.run("ip", *words)
                host.run("mount", "--bind", known, "/etc/hosts")
        except BaseException:
            self.end()
            raise

    def __getitem__(self, name):
        return self.hosts[name]

    def end(self):
        for namespace in reversed(self.made):
            namespace.end()
