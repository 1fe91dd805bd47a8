"""A wall clock that a test sets, for restpoint alone: libfaketime reads how far it is from the real one out of a file.

The monotonic clock stays real, so timers take their time and the wall clock steps, as under NTP or after a suspend.
"""
import calendar
import contextlib
import os
import pathlib
import time

import pytest


def library():
    """The library for programs with threads; a tier that cannot shift clocks says so instead of passing."""
    found = sorted(pathlib.Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    if not found:
        pytest.fail("libfaketime is not installed: deploy/install-deps.sh test")
    return found[0]


def instant(text):
    """"2027-03-01 10:30:00" (UTC) in seconds since 1970."""
    return calendar.timegm(time.strptime(text, "%Y-%m-%d %H:%M:%S"))


class Clock:
    def __init__(self, folder, begin):
        self.file = pathlib.Path(folder) / "clock"
        self.set(begin)

    def set(self, when):
        """`when` as instant() takes it, or in seconds since 1970. Seen by whoever asks for the time from now on."""
        self.shift = (instant(when) if isinstance(when, str) else when) - time.time()
        new = self.file.with_suffix(".new")
        new.write_text(f"{self.shift:+.6f}\n")
        new.chmod(0o644)
        os.replace(new, self.file)

    def now(self):
        return time.time() + self.shift

    def wait_until(self, when):
        """Sleeps until the clock shows `when`: a real sleep, so set the clock to just before it."""
        left = instant(when) - self.now()
        assert left < 30, f"{when} is {left} s away"
        time.sleep(max(0, left))

    def environment(self):
        return {"LD_PRELOAD": str(library()), "FAKETIME_TIMESTAMP_FILE": str(self.file), "FAKETIME_NO_CACHE": "1",
                "FAKETIME_DONT_FAKE_MONOTONIC": "1", "NO_FAKE_STAT": "1"}

    @staticmethod
    def forget(pid):
        """Removes what the library leaves in shared memory of a process that was killed."""
        for name in (f"faketime_shm_{pid}", f"sem.faketime_sem_{pid}"):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(f"/dev/shm/{name}")
