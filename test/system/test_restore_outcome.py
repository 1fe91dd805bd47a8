"""What a plan says beforehand, held against what happened: TEST_LONG=1 makes the table of ten."""
import datetime
import re
import time

from support import ledger, restoring
from support.fixtures import repetitions

UNITS = {"B": 1, "KB": 2**10, "MB": 2**20, "GB": 2**30}


def bytes_of(log):
    """pgBackRest's own word for what it restored: "restore size = 22.4MB, file total = 970"."""
    number, unit = re.search(r"restore size = ([\d.]+)([KMG]?B)", log).groups()
    return float(number) * UNITS[unit]


def segment_of(job, segment_bytes):
    """The segment in which the replay ended, by its number alone."""
    return ledger.lsn(job["result"]["lsn"]) // segment_bytes


def number_of(segment, segment_bytes):
    return int(segment[8:16], 16) * (2**32 // segment_bytes) + int(segment[16:], 16)


def seconds_of(job):
    started, finished = (datetime.datetime.fromisoformat(job[name].replace("Z", "+00:00")) for name in ("started", "finished"))
    return (finished - started).total_seconds()


def test_a_plan_tells_what_happens():
    rows = []
    with restoring.Restoring() as home:
        writer = home.write()
        size = 16 << 20
        for number in range(repetitions(3, 10)):
            time.sleep(1.1)  # a backup's end is known to the second
            target = home.moment(100)
            plan = home.plan(target, way=("beside", "in_place")[number % 2])
            assert plan["can_be_carried_out"], plan
            job = home.done(home.carry_out(plan)["id"])
            log = home.service.raw_log(job["id"])
            home.queued_backup_ends()
            writer.write_more(20)
            rows.append({
                "way": plan["way"], "set": (plan["set"], job["result"]["set"]),
                "wal": (number_of(plan["wal"]["to"], size), segment_of(job, size)), "bytes": (plan["bytes"], bytes_of(log)),
                "seconds": (plan["expected_s"], seconds_of(job))})
    print("\n| way | set planned | set restored | segment planned | replayed | bytes planned | restored | seconds | took |")
    for row in rows:
        print("| " + " | ".join(str(v) for pair in row.values() for v in (pair if isinstance(pair, tuple) else (pair,))) + " |")
    for row in rows:
        assert row["set"][0] == row["set"][1], row
        assert row["wal"][0] == row["wal"][1], row
        assert abs(row["bytes"][0] - row["bytes"][1]) <= 0.05 * row["bytes"][1], row
