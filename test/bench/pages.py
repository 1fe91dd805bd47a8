"""A cached page and a job's JSON: restpoint against nginx and Flask that answer with the same bytes."""
import contextlib

import measure
import rivals
import services
import tools
from table import A_SECOND, MICROS, Row


WANTED = {("cached page", "nginx, file", "cpu"): "≤ 1.5, aim 1.0", ("cached page", "Flask's own server", "rate"): "≥ 20",
          ("cached page", "Flask, gunicorn", "rate"): "≥ 20"}


class Contest:
    """The same answer from all of them; what each takes a request, and how many it answers a second."""

    def __init__(self, service, folder, path):
        self.service, self.path = service, path
        answer = service.ask(path)
        assert answer.status == 200, answer.text
        self.content, self.content_type = answer.body, answer.headers["Content-Type"]
        self.folder = folder
        self.contestants = {}

    def one(self, name, port, pids, path, seconds):
        def run():
            before = measure.cpu_seconds(pids())
            load = tools.wrk(f"http://127.0.0.1:{port}{path}", seconds)
            spent = measure.cpu_seconds(pids()) - before
            return {"rate": load["rate"], "cpu": spent / load["requests"] * 1e6}
        self.contestants[name] = run

    def run(self, rounds, seconds):
        with contextlib.ExitStack() as stack:
            def entered(server):
                stack.callback(server.stop)
                return server
            nginx = entered(rivals.nginx(self.folder, {"page": self.content}, in_memory=self.content))
            gunicorn = entered(rivals.flask(self.folder, self.content, self.content_type, with_gunicorn=True))
            development = entered(rivals.flask(self.folder, self.content, self.content_type, with_gunicorn=False))
            self.one("restpoint", self.service.port, lambda: [self.service.pid()], self.path, seconds)
            self.one("nginx, file", nginx.port, nginx.pids, "/page", seconds)
            self.one("nginx, memory", nginx.port, nginx.pids, "/memory", seconds)
            self.one("Flask, gunicorn", gunicorn.port, gunicorn.pids, "/page", seconds)
            self.one("Flask's own server", development.port, development.pids, "/page", seconds)
            return measure.in_turns(rounds, self.contestants, measure.settle)


def rows_of(what, size, seen):
    def all_of(name, figure):
        return [run[figure] for run in seen[name]]
    for name in ("nginx, file", "nginx, memory", "Flask's own server", "Flask, gunicorn"):
        yield Row.compared(f"{what} of {size} bytes: CPU a request", MICROS, all_of("restpoint", "cpu"), name, all_of(name, "cpu"),
                           WANTED.get((what, name, "cpu"), ""))
    for name in ("nginx, file", "Flask's own server", "Flask, gunicorn"):
        yield Row.compared(f"{what}: requests", A_SECOND, all_of("restpoint", "rate"), name, all_of(name, "rate"),
                           WANTED.get((what, name, "rate"), ""))


def bench(stage):
    with services.running(stage.folder / "pages", "ok") as service:
        job = service.wait_for(service.back_up("full"))
        for what, path in (("cached page", "/pgBackRest/info"), ("JSON of a job", f"/api/v1/jobs/{job['id']}")):
            contest = Contest(service, stage.folder, path)
            yield from rows_of(what, len(contest.content), contest.run(stage.how.rounds, stage.how.seconds))
