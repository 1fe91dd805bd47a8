#!/usr/bin/env python3
"""Do followers of a log slow the child that writes it? And do they get every byte?

One flooding child (fake_pgbackrest, 100 MB of log), with 400 followers (200 that read nothing, 200 that read all) and
without, in turn, PAIRS times; then once with all readers read to the end and compared with the log; then on a state disk
that fills up. Prints the child's own write times (total and longest single write), and RssAnon of restpoint.

usage: followers.py [PAIRS]        needs root (services run as user postgres; the small disk is a tmpfs)
"""
import os
import pathlib
import selectors
import shutil
import socket
import statistics
import subprocess
import sys
import time
import zlib

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import services  # noqa: E402
from support import world  # noqa: E402

SIZE = 100 << 20
IDLE, READING = 200, 200


def make_service(folder, state=None):
    return services.faked(folder, "flood", state, FAKE_BYTES=SIZE).start()


class Followers:
    def __init__(self, service, job_id, idle, reading):
        ask = f"/api/v1/jobs/{job_id}/log?follow=true"
        self.idle = [service.open_stream(ask) for _ in range(idle)]
        self.selector = selectors.DefaultSelector()
        self.sums = {}
        self.done = []
        for _ in range(reading):
            stream = service.open_stream(ask)
            stream.setblocking(False)
            state = {"head": b"", "crc": 0, "bytes": 0, "left": None, "pending": b""}
            self.selector.register(stream, selectors.EVENT_READ, state)

    def read(self, seconds):
        """Reads what comes for a while, or to the end of all (None)."""
        end = time.monotonic() + seconds if seconds else None
        while self.selector.get_map() and (end is None or time.monotonic() < end):
            for key, _ in self.selector.select(0.05):
                data = key.fileobj.recv(1 << 20)
                if data:
                    self.take(key.data, data)
                else:
                    self.selector.unregister(key.fileobj)
                    key.fileobj.close()
                if key.data["left"] == "end":
                    self.selector.unregister(key.fileobj)
                    key.fileobj.close()
                    self.done.append((key.data["bytes"], key.data["crc"]))

    @staticmethod
    def take(state, data):
        if state["head"] is not None:
            state["head"] += data
            head, gap, data = state["head"].partition(b"\r\n\r\n")
            if not gap:
                return
            assert b"chunked" in head, head
            state["head"], state["left"], state["pending"] = None, 0, b""
        data = state["pending"] + data
        state["pending"] = b""
        while data:
            if state["left"] == 0:
                line, gap, rest = data.partition(b"\r\n")
                if not gap:
                    state["pending"] = data
                    return
                if line == b"":
                    data = rest
                    continue
                size = int(line, 16)
                if size == 0:
                    state["left"] = "end"
                    return
                state["left"], data = size, rest
            part = memoryview(data)[: state["left"]]
            state["crc"] = zlib.crc32(part, state["crc"])
            state["bytes"] += len(part)
            state["left"] -= len(part)
            data = data[len(part):]

    def close(self):
        for stream in self.idle:
            stream.close()
        for key in list(self.selector.get_map().values()):
            key.fileobj.close()


def flood(service, idle, reading, to_the_end=False):
    job_id = service.back_up("full")
    followers = Followers(service, job_id, idle, reading)
    followers.read(1.5)
    peak = service.rss_anon()
    job = service.wait_for(job_id, 300)
    if to_the_end:
        followers.read(None)
        peak = max(peak, service.rss_anon())
    followers.close()
    total, longest = (int(n) for n in service.times.read_text().split())
    service.times.unlink()
    return job, total / 1e3, longest / 1e3, peak, followers.done


def line(name, runs):
    totals, longest = [r[1] for r in runs], [r[2] for r in runs]
    print(f"{name:34} total {statistics.median(totals):7.1f} ms ({min(totals):.1f}–{max(totals):.1f})   "
          f"longest write {statistics.median(longest):6.2f} ms ({min(longest):.2f}–{max(longest):.2f})", flush=True)


def main():
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    folder = world.make_folder()
    service = make_service(folder)
    time.sleep(0.5)
    print(f"RssAnon idle                       {service.rss_anon() / 2**20:.1f} MiB")
    without, with_followers = [], []
    for _ in range(pairs):
        without.append(flood(service, 0, 0))
        with_followers.append(flood(service, IDLE, READING))
    line("child alone", without)
    line("child with 400 followers", with_followers)
    ratio = [b[1] / a[1] for a, b in zip(without, with_followers)]
    print(f"ratio of totals, pair by pair      {statistics.median(ratio):.2f} ({min(ratio):.2f}–{max(ratio):.2f})")

    job, _, _, peak, done = flood(service, IDLE, READING, to_the_end=True)
    log = (service.state / "jobs" / f"{job['id']}.log").read_bytes()
    wanted = (len(log), zlib.crc32(log))
    equal = sum(d == wanted for d in done)
    print(f"readers that got the whole log     {equal} of {READING} ({len(log)} bytes each)")
    print(f"RssAnon, highest seen              {max(peak, *(r[3] for r in with_followers)) / 2**20:.1f} MiB")
    service.stop()

    disk = folder / "small"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m,mode=0777", "tmpfs", disk], check=True)
    try:
        state = disk / "state"
        second = folder / "second"
        second.mkdir()
        full = make_service(second, state)
        runs = []
        for _ in range(pairs):
            runs.append(flood(full, 0, 0))
            for log in (state / "jobs").glob("*.log"):
                os.truncate(log, 0)
        line("child alone, state disk fills up", runs)
        print(f"outcomes there                     {sorted({r[0]['state'] for r in runs})}, "
              f"lines dropped {statistics.median(r[0]['log']['dropped'] for r in runs):.0f}")
        full.stop()
    finally:
        subprocess.run(["umount", "-l", disk], check=True)
    shutil.rmtree(folder)


if __name__ == "__main__":
    socket.setdefaulttimeout(300)
    main()
