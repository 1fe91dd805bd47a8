"""A thousand slow clients (slowhttptest), and another one that only wants an answer.

How long that one waits is a figure of test/bench; here it is answered every time.
"""
import http.client
import re
import shutil

import pytest

from support.slow_clients import CONNECTIONS, MODES, attack


def connections(service):
    return int(re.search(r"^restpoint_http_connections (\d+)", service.ask("/metrics").text, re.MULTILINE).group(1))


@pytest.mark.parametrize("mode", MODES)
def test_slow_clients_keep_nobody_else_from_an_answer(service, mode):
    assert shutil.which("slowhttptest"), "deploy/install-deps.sh test installs slowhttptest"
    lasting = http.client.HTTPConnection("127.0.0.1", service.port, timeout=60)
    asked, most = 0, 0
    attackers = attack(service.port, mode)
    try:
        while attackers.poll() is None:
            assert service.ask("/livez").status == 200, "over a connection of its own"
            lasting.request("GET", "/livez")
            assert lasting.getresponse().read(), "over one that was there before"
            most = max(most, connections(service))
            asked += 1
    finally:
        attackers.kill()
        attackers.wait(30)
        lasting.close()

    assert asked > 0, "the attack was over before anybody was asked"
    if mode != "ranges":  # which are answered, and gone
        assert most >= CONNECTIONS // 2, f"only {most} of the {CONNECTIONS} slow clients came in"
    assert service.ask("/livez").status == 200
    assert service.process.poll() is None
