"""config/pgbackrest.conf against pgBackRest's defaults: full backups of the same data in turns."""
import json
import resource
import time

import measure
from table import MEBIBYTES, SECONDS, Row


def size_in_repo(cluster, config):
    """Bytes of the newest backup."""
    info = json.loads(cluster.backrest("info", "--output=json", "--log-level-console=off", config=config))
    return info[0]["backup"][-1]["info"]["repository"]["size"]


def back_up(cluster, config):
    cluster.archive_to(config)
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    cluster.backrest("--type=full", "--log-level-console=off", "backup", config=config)
    took, after = time.monotonic() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    return {"wall": took, "cpu": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime}


def bench(stage):
    cluster = stage.cluster
    ours, defaults = cluster.ours, cluster.defaults
    seen = measure.in_turns(stage.how.backups, {
        "ours": lambda: back_up(cluster, ours), "defaults": lambda: back_up(cluster, defaults)})
    what = f"full backup of {cluster.size() / 1e9:.1f} GB in {cluster.files()} files"
    def all_of(config, figure):
        return [run[figure] for run in seen[config]]
    other = "pgBackRest's defaults"
    yield Row.faster(f"{what} with config/pgbackrest.conf", SECONDS, all_of("ours", "wall"), other, all_of("defaults", "wall"),
                     "≥ 3 × faster")
    yield Row.faster(f"{what}: CPU", SECONDS, all_of("ours", "cpu"), other, all_of("defaults", "cpu"))
    sizes = [[size_in_repo(cluster, config)] for config in (ours, defaults)]
    yield Row.compared(f"{what}: size in the repo", MEBIBYTES, sizes[0], other, sizes[1])
