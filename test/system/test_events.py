"""The events of a job over real backups."""
import http.client
import json


class Follower:
    """A client of server-sent events that may be cut off at any byte, and knows where it was."""

    def __init__(self, service, job_id):
        self.service, self.path = service, f"/api/v1/jobs/{job_id}/events"
        self.log = b""
        self.last_id = None
        self.names = []
        self.progress = []
        self.state = None

    def take(self, block):
        """One event as the standard reads it."""
        fields = [line.partition(b":")[::2] for line in block.split(b"\n") if line]
        data = b"\n".join(value.removeprefix(b" ") for name, value in fields if name == b"data")
        name = b"".join(value.removeprefix(b" ") for name, value in fields if name == b"event").decode()
        for field, value in fields:
            if field == b"id":
                self.last_id = value.removeprefix(b" ").decode()
        if not data:
            return
        self.names.append(name)
        parsed = json.loads(data)
        if name == "log":
            self.log += parsed["line"].encode() + b"\n"
            assert self.last_id == str(parsed["offset"]) == str(len(self.log))
        elif name == "progress":
            self.progress.append(parsed)
        else:
            self.state = parsed

    def follow(self, up_to):
        """Takes at most `up_to` bytes, then the connection is cut; what is no whole event is lost."""
        connection = http.client.HTTPConnection("127.0.0.1", self.service.port, timeout=60)
        headers = {} if self.last_id is None else {"Last-Event-ID": self.last_id}
        connection.request("GET", self.path, headers=headers)
        answer = connection.getresponse()
        assert answer.status == 200
        body = b""
        while len(body) < up_to:
            piece = answer.read1(up_to - len(body))
            if not piece:
                break
            body += piece
        connection.close()
        for block in body.split(b"\n\n")[:-1]:
            self.take(block)


def test_a_follower_that_is_cut_off_fifty_times_ends_with_the_log(slow_service):
    job_id = slow_service.back_up()
    slow_service.wait_until_copying(job_id)
    follower = Follower(slow_service, job_id)
    for cut in range(50):
        assert follower.state is None
        follower.follow(300 + 83 * cut)
    follower.follow(1 << 30)

    slow_service.wait_for(job_id)
    assert follower.state["state"] == "succeeded"
    assert follower.names[-1] == "state"
    assert follower.log == slow_service.ask(f"/api/v1/jobs/{job_id}/log").body
    assert follower.progress


def test_who_comes_late_gets_the_history_and_resumes_after_a_restart(service):
    job_id = service.back_up()
    service.wait_for(job_id)
    early = Follower(service, job_id)
    early.follow(2000)
    service.stop()
    service.start()
    early.service = service
    early.follow(1 << 30)

    late = Follower(service, job_id)
    late.follow(1 << 30)
    log = service.ask(f"/api/v1/jobs/{job_id}/log").body
    assert early.log == late.log == log
    assert early.state == late.state
