"""A real Prometheus watches a restpoint at work, and has nothing to complain about."""
import json
import pathlib
import re
import shutil
import subprocess
import urllib.parse
import urllib.request

import pytest

from support import programs, world

EVERY_SECONDS = 2
SCRAPES = 30  # a minute


class Prometheus:
    """Listens on a port of its own on loopback, with a folder of its own."""

    def __init__(self, target):
        self.folder = world.make_folder()
        shutil.chown(self.folder, "postgres", "postgres")
        self.log = self.folder / "prometheus.log"
        config = self.folder / "prometheus.yml"
        config.write_text(f"""
global: {{scrape_interval: {EVERY_SECONDS}s, scrape_timeout: {EVERY_SECONDS}s}}
scrape_configs:
- job_name: restpoint
  static_configs: [{{targets: ["{target}"]}}]
""")
        programs.run(programs.needed("promtool"), "check", "config", config)
        argv = world.AS_POSTGRES + [programs.needed("prometheus"), f"--config.file={config}",
                                    f"--storage.tsdb.path={self.folder}/data", "--web.listen-address=127.0.0.1:0"]
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(argv, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd="/")
        self.port = world.wait_until(self.find_port, 60, "a port of Prometheus")
        world.wait_until(self.is_ready, 60, "Prometheus' readiness")

    def find_port(self):
        assert self.process.poll() is None, self.log.read_text()
        fds = pathlib.Path(f"/proc/{self.process.pid}/fd").iterdir()
        sockets = {match[1] for match in (re.fullmatch(r"socket:\[(\d+)\]", self.link(fd)) for fd in fds) if match}
        for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and fields[9] in sockets:  # it listens
                return int(fields[1].rpartition(":")[2], 16)
        return None

    @staticmethod
    def link(fd):
        try:
            return str(fd.readlink())
        except FileNotFoundError:
            return ""

    def is_ready(self):
        try:
            return self.read("/-/ready")
        except OSError:
            return None

    def read(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as answer:
            return answer.read().decode()

    def api(self, path, **parameters):
        answer = json.loads(self.read(f"/api/v1/{path}?{urllib.parse.urlencode(parameters)}"))
        assert answer["status"] == "success" and not answer.get("warnings"), answer
        return answer["data"]

    def samples(self, name):
        """Of the only series of that name: what it was, scrape by scrape."""
        found = self.api("query", query=f'{name}{{job="restpoint"}}[1h]')["result"]
        assert len(found) <= 1, found
        return [float(value) for _, value in found[0]["values"]] if found else []

    def value(self, query):
        found = self.api("query", query=query)["result"]
        return float(found[0]["value"][1]) if found else None

    def own(self, pattern):
        """Its own figures about the scraping."""
        lines = [line for line in self.read("/metrics").splitlines() if re.match(pattern, line)]
        return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}

    def stop(self):
        self.process.terminate()
        self.process.wait(60)
        shutil.rmtree(self.folder)


@pytest.fixture
def watched(service):
    prometheus = Prometheus(f"127.0.0.1:{service.port}")
    yield service, prometheus
    prometheus.stop()


def work(service):
    """Jobs of several kinds, one that is cancelled, and requests that are refused."""
    service.wait_for(service.back_up("full"))
    second = service.back_up("incr")
    service.ask(f"/api/v1/jobs/{second}/cancel", "POST")
    service.wait_for(second)
    checked = service.ask(f"/api/v1/stanzas/{world.STANZA}/checks", "POST", {"queue": True})
    service.wait_for(checked.json()["id"])
    for number in range(20):
        service.ask(f"/api/v1/jobs/{10000 + number}")
        service.ask(f"/nowhere/{number}")
        service.ask(f"/api/v1/stanzas/other-{number}/backups")


def test_a_minute_of_scrapes_has_no_error(watched):
    service, prometheus = watched
    work(service)
    world.wait_until(lambda: len(prometheus.samples("up")) >= SCRAPES / 2, 300, "half of the scrapes")
    before = prometheus.samples("scrape_samples_scraped")[-1]
    work(service)
    world.wait_until(lambda: len(prometheus.samples("up")) >= SCRAPES, 300, "the scrapes of a minute")

    assert set(prometheus.samples("up")) == {1.0}
    target, = prometheus.api("targets", state="active")["activeTargets"]
    assert (target["health"], target["lastError"]) == ("up", "")
    # The same work again, with names that were not there before, makes no new series.
    assert prometheus.samples("scrape_samples_scraped")[-1] == before < 1000
    trouble = prometheus.own(r"prometheus_target_scrapes?_\w*(sample|exceeded|limit)\w*_total ")
    assert len(trouble) >= 4 and set(trouble.values()) == {0.0}, trouble
    assert not re.search(r"level=(warn|error)", prometheus.log.read_text(), re.IGNORECASE)
    jobs = [job for job in service.jobs() if job["state"] == "succeeded" and job["kind"] == "backup"]
    counted = 'restpoint_jobs_ended_total{kind="backup",state="succeeded"}'
    world.wait_until(lambda: prometheus.value(counted) == len(jobs) >= 2, 60, "the backups in Prometheus")
    # Every name has a type and a text, which Prometheus keeps beside it.
    about = prometheus.api("targets/metadata", match_target='{job="restpoint"}')
    assert len(about) > 20
    assert [one["metric"] for one in about if one["type"] == "unknown" or not one["help"]] == []


def test_promtool_has_nothing_to_say(service):
    work(service)
    checked = subprocess.run([programs.needed("promtool"), "check", "metrics"], input=service.ask("/metrics").body,
                             capture_output=True, check=False)
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, b"")
