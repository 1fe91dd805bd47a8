"""What the API says of itself, held against what it answers."""
import json

import jsonschema
import pytest

from support import world

SETTINGS = """
[auth]
mode = "none" # an admin sees every route

[[schedule]]
name = "nightly"
action = "check"
cron = "@yearly"
"""


@pytest.fixture
def described(new_service):
    service = new_service(settings=SETTINGS)
    service.wait_for(service.back_up("full"))
    return service, service.ask("/api/v1/openapi.json").json()


def fill(service, path):
    backup = service.jobs()[0]
    known = {"{stanza}": world.STANZA, "{id}": backup["id"], "{name}": "nightly", "{label}": backup["result"]["label"]}
    for name, value in known.items():
        path = path.replace(name, value)
    assert "{" not in path, path
    return path


def validate(document, schema, answer, where):
    whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "components": document["components"]}
    errors = [f"{where}: {e.json_path}: {e.message}" for e in jsonschema.Draft202012Validator(whole).iter_errors(answer)]
    assert errors == []


def test_every_answer_is_what_the_document_says(described):
    service, document = described
    asked = 0
    for path, operations in document["paths"].items():
        if "get" not in operations:
            continue
        (media, content), = operations["get"]["responses"]["200"]["content"].items()
        answer = service.ask(fill(service, path))
        assert answer.status == 200, (path, answer.text)
        assert answer.headers["Content-Type"].split(";")[0] == media, path
        if media == "application/json":
            validate(document, content["schema"], answer.json(), path)
            asked += 1
    assert asked >= 3


def test_what_is_refused_is_a_problem_as_described(described):
    service, document = described
    problem = document["components"]["responses"]["Problem"]["content"]["application/problem+json"]["schema"]
    refused = [service.ask(path, verb, body) for path, verb, body in (
        ("/api/v1/jobs/999999", "GET", None),
        ("/api/v1/jobs?limit=0", "GET", None),
        ("/api/v1/nothing", "GET", None),
        ("/api/v1/jobs", "DELETE", None),
        (f"/api/v1/stanzas/{world.STANZA}/backups", "POST", {"type": "huge"}),
        ("/api/v1/stanzas/other/backups", "POST", {}))]
    assert [r.status for r in refused] == [404, 400, 404, 405, 400, 404]
    for answer in refused:
        assert answer.headers["Content-Type"] == "application/problem+json"
        validate(document, problem, answer.json(), answer.text)


def test_a_job_that_was_asked_for_is_a_job(described):
    service, document = described
    taken = service.ask(f"/api/v1/stanzas/{world.STANZA}/checks", "POST", {"queue": True})
    assert taken.status == 202, taken.text
    validate(document, {"$ref": "#/components/schemas/Job"}, taken.json(), "202")
    assert taken.headers["Location"] == f"/api/v1/jobs/{taken.json()['id']}"


def test_the_page_for_people_needs_nothing_from_elsewhere(described):
    service, document = described
    page = service.ask("/api/v1/docs")
    assert page.headers["Content-Type"].startswith("text/html")
    for path in document["paths"]:
        assert path in page.text, path
    assert "src=" not in page.text and "//" not in page.text.replace("//restpoint", "").replace("RFC", "")
    json.dumps(document)
