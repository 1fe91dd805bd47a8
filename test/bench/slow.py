"""A thousand slow clients of each kind that slowhttptest knows, and how long somebody else waits meanwhile."""
import subprocess

import measure
import services
import tools
from support.slow_clients import CONNECTIONS, MODES, attack
from table import MILLIS, Row


def longest_wait(service, mode, how):
    """In milliseconds, while the attack goes on."""
    with measure.pinned(measure.CLIENT_CORE):
        attackers = attack(service.port, mode)
    try:
        with tools.Probe(service.port, how=how) as probe:
            attackers.wait(60)
    except subprocess.TimeoutExpired:
        attackers.kill()
        raise
    return probe.seen["longest_ms"]


def bench(stage):
    rounds = min(stage.how.rounds, 3)
    with services.running(stage.folder / "slow", "ok") as service:
        contestants = {(mode, how): lambda m=mode, h=how: longest_wait(service, m, h)
                       for mode in MODES for how in ("probe", "knock")}
        seen = measure.in_turns(rounds, contestants, measure.settle)
    for mode in MODES:
        for how, over in (("probe", "an open connection"), ("knock", "a new connection")):
            yield Row.plain(f"{CONNECTIONS} clients with {mode}: longest wait of a tiny request over {over}", MILLIS,
                            seen[mode, how], "< 100 ms")
