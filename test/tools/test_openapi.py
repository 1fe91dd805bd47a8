"""The API's description in the hands of strangers: a linter, and a generator of clients."""
import json
import os
import shutil

import pytest

from support import programs, world


@pytest.fixture
def described(service, tmp_path):
    """A service and the file with its description."""
    file = tmp_path / "openapi.json"
    file.write_text(service.ask("/api/v1/openapi.json").text)
    return service, file


def test_spectral_finds_nothing_in_the_description(described, installed_packages):
    _, file = described
    found = programs.run(installed_packages / "node_modules/.bin/spectral", "lint", file, "--ruleset",
                         programs.TOOLS / "spectral.yaml", "--fail-severity", "hint", "--format", "json", "--quiet")
    assert json.loads(found or "[]") == []


def test_spectral_would_find_a_mistake(described, installed_packages):
    _, file = described
    document = json.loads(file.read_text())
    document["paths"]["/api/v1/jobs"]["get"]["parameters"].append({"$ref": "#/components/parameters/nowhere"})
    file.write_text(json.dumps(document))
    with pytest.raises(AssertionError, match="invalid-ref"):
        programs.run(installed_packages / "node_modules/.bin/spectral", "lint", file, "--ruleset",
                     programs.TOOLS / "spectral.yaml")


def test_a_client_in_typescript_is_made_from_it_compiles_and_lists_jobs(described, installed_packages, tmp_path):
    service, file = described
    tools = installed_packages / "node_modules/.bin"
    source = tmp_path / "client"
    source.mkdir()
    for name in ("client.ts", "tsconfig.json"):
        shutil.copy(programs.TOOLS / name, source)
    (source / "package.json").write_text('{"type": "module"}')
    (source / "node_modules").symlink_to(installed_packages / "node_modules")
    for _ in range(3):
        service.wait_for(service.back_up("full"))

    programs.run(tools / "openapi-typescript", file, "-o", source / "api.ts", cwd=source)
    programs.run(tools / "tsc", "-p", source, cwd=source)
    told = json.loads(programs.run(programs.needed("node"), source / "out/client.js",
                                   f"http://127.0.0.1:{service.port}", world.STANZA,
                                   env={"PATH": os.environ["PATH"]}))

    assert told["checked"] == "succeeded"
    assert told["refused"] == "not_found"
    assert told["jobs"] == [{"id": j["id"], "kind": j["kind"], "state": j["state"]} for j in service.jobs()]
    assert [j["kind"] for j in told["jobs"]] == ["check", "backup", "backup", "backup"]


def test_the_generated_types_are_strict_about_what_a_client_sends(described, installed_packages, tmp_path):
    _, file = described
    tools = installed_packages / "node_modules/.bin"
    programs.run(tools / "openapi-typescript", file, "-o", tmp_path / "api.ts", cwd=tmp_path)
    (tmp_path / "wrong.ts").write_text('import type { components } from "./api.js";\n'
                                       'export const wrong: components["schemas"]["BackupRequest"] = { type: "weekly" };\n')
    with pytest.raises(AssertionError, match='"weekly"'):
        programs.run(tools / "tsc", "--noEmit", "--strict", "--module", "nodenext", "--target", "es2022", "wrong.ts",
                     cwd=tmp_path)
