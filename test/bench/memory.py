"""Memory at rest, under load and with followers; and how soon the first answer comes."""
import contextlib
import http.client
import time

import measure
import rivals
import services
import tools
from table import MEBIBYTES, MILLIS, Row


def first_answer(service):
    """From the start of the process to an answer."""
    begun = time.monotonic()
    service.launch()
    while True:
        with contextlib.suppress(OSError):
            connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=10)
            connection.request("GET", "/livez")
            assert connection.getresponse().status == 200
            return (time.monotonic() - begun) * 1e3
        assert service.process.poll() is None, service.log_text()


def starts(folder, how):
    folder.mkdir(mode=0o755)
    service = services.faked(folder, "ok")
    port = rivals.free_port()
    service.toml.write_text(service.toml.read_text().replace("127.0.0.1:0", f"127.0.0.1:{port}"))
    taken = []
    for _ in range(how.starts):
        service.port = port
        taken.append(first_answer(service))
        service.stop()
    return taken


def row_of(what, seen):
    shown = " / ".join(MEBIBYTES.number(seen[name]) for name in ("RssAnon", "VmRSS"))
    return Row(f"memory {what}: RssAnon / Rss", f"{shown} MiB")


def bench(stage):
    how = stage.how
    yield Row.plain("from the start to the first answer", MILLIS, starts(stage.folder / "starts", how))
    with services.running(stage.folder / "memory", "hang") as service:
        service.ask("/pgBackRest/info")
        time.sleep(1)
        yield row_of("idle", measure.memory(service.pid()))
        with measure.MemoryPeak(service.pid()) as peak:
            tools.wrk(f"http://127.0.0.1:{service.port}/pgBackRest/info", how.seconds)
        yield row_of("while 64 connections ask for pages", peak.highest)
        job_id = service.back_up("full")
        with contextlib.ExitStack() as stack:
            for _ in range(1000):
                stream = stack.enter_context(service.open_stream(f"/api/v1/jobs/{job_id}/log?follow=true"))
                assert stream.recv(12) == b"HTTP/1.1 200"
            yield row_of("with 1000 followers of a log that rests", measure.memory(service.pid()))
        service.ask(f"/api/v1/jobs/{job_id}/cancel", "POST")
        service.wait_for(job_id)
