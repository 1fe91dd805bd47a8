"""deploy/kubernetes as kubectl makes it: every field is one that Kubernetes knows, and every name leads somewhere."""
import copy

import pytest

from support import manifests, rendering

WAYS = {
    "base": ("base", "base"),
    "s3": ("overlays/s3", "overlays/s3"),
    "replicas": ("overlays/replicas", "overlays/s3"),
}


@pytest.fixture(scope="module")
def rendered(kubernetes):
    """(documents, secrets) per way."""
    return {name: (kubernetes.kustomize(rendering.KUSTOMIZE / folder),
                   rendering.documents((rendering.KUSTOMIZE / secret / "secret.example.yaml").read_text()))
            for name, (folder, secret) in WAYS.items()}


def test_every_field_is_one_that_kubernetes_knows(kubernetes, rendered):
    assert kubernetes.type_faults({name: documents + secrets for name, (documents, secrets) in rendered.items()}) == {
        name: [] for name in rendered}


@pytest.mark.parametrize("name", WAYS)
def test_every_name_leads_somewhere_and_what_stands_twice_is_the_same(rendered, name, tmp_path):
    assert manifests.faults(*rendered[name], tmp_path) == []


def test_what_kubernetes_would_refuse_is_found(kubernetes, rendered):
    def planted(plant):
        documents = copy.deepcopy(rendered["base"][0])
        plant(manifests.Manifests(documents))
        return documents

    mistakes = {
        "a field that is misspelt": lambda m: m.one("StatefulSet")["spec"].update(servicename="x"),
        "one of a pod": lambda m: m.pod["spec"].update(terminationGraceSeconds=3),
        "one of a container": lambda m: m.containers["postgres"].update(volumeMount=[]),
        "one of a sidecar": lambda m: m.containers["restpoint"].update(restartpolicy="Always"),
        "a number for a text": lambda m: m.containers["postgres"]["env"].append({"name": "A", "value": 1}),
        "a text for a number": lambda m: m.containers["postgres"]["ports"][0].update(containerPort="5432"),
        "one of a policy": lambda m: m.one("NetworkPolicy")["spec"].update(policyType=["Ingress"]),
    }
    said = kubernetes.type_faults({name: planted(plant) for name, plant in mistakes.items()})
    assert [name for name, lines in said.items() if not lines] == []


MISTAKES = {
    "Service restpoint does not select the pods": lambda m: m.one("Service", "restpoint")["spec"].update(selector={"a": "b"}),
    "pods wait for one that is broken": lambda m: m.one("StatefulSet")["spec"].pop("podManagementPolicy"),
    "serviceName is no headless Service": lambda m: m.one("StatefulSet")["spec"].update(serviceName="restpoint"),
    "StatefulSet does not select the pods": lambda m: m.one("StatefulSet")["spec"]["selector"].update(matchLabels={"a": "b"}),
    "leads to the port db": lambda m: m.one("Service", "restpoint-postgres")["spec"]["ports"][0].update(targetPort="db"),
    "opens the port db": lambda m: m.one("NetworkPolicy")["spec"]["ingress"][0]["ports"][0].update(port="db"),
    "livenessProbe of restpoint asks": lambda m: m.containers["restpoint"]["livenessProbe"]["httpGet"].update(port="http"),
    "mounts lock, which is no volume": lambda m: m.containers["postgres"]["volumeMounts"][3].update(name="lock"),
    "no container mounts": lambda m: m.pod["spec"]["volumes"].append({"name": "spare", "emptyDir": {}}),
    "needs passwort of Secret": lambda m: m.volumes()["secret"]["secret"]["items"][0].update(key="passwort"),
    "needs restpoint.conf of ConfigMap": lambda m: m.volumes()["configuration"]["configMap"]["items"][0].update(key="restpoint.conf"),
    "may run as root": lambda m: m.pod["spec"]["securityContext"].update(runAsNonRoot=False),
    "postgres is not restricted": lambda m: m.containers["postgres"]["securityContext"].update(readOnlyRootFilesystem=False),
    "service links": lambda m: m.pod["spec"].pop("enableServiceLinks"),
    "both containers need one image": lambda m: m.containers["postgres"].update(image="postgres:17"),
    "the socket of the agent is not one": lambda m: m.containers["postgres"]["args"].__setitem__(1, "--socket=/tmp/agent/agent.sock"),
    "the data directory is not one": lambda m: m.containers["postgres"]["env"][0].update(value="/var/lib/postgresql/data"),
    "do not fit into 90 s": lambda m: m.pod["spec"].update(terminationGracePeriodSeconds=90),
    "refuses to run without /etc/pgbackrest/conf.d": lambda m: m.volumes()["pgbackrest"]["projected"]["sources"][0]["configMap"][
        "items"].pop(),
    "/run/restpoint/postgresql.conf is not the same": lambda m: m.containers["restpoint"]["volumeMounts"].__setitem__(
        5, {"name": "postgres-home", "mountPath": "/run/restpoint"}),
    "/run/pgbackrest is not the same": lambda m: m.containers["postgres"]["volumeMounts"][3].update(mountPath="/run/locks"),
    "restpoint.toml: ": lambda m: change(m, "restpoint.toml", "running_jobs", "running_job"),
    "running jobs are not given their time": lambda m: change(m, "restpoint.toml", "stop_grace_s = 15", "stop_grace_s = 39"),
    "pgbackrest.conf: ": lambda m: change(m, "pgbackrest.conf", "start-fast=y", "fast-start=y"),
    "the ConfigMap holds repo1-cipher-pass": lambda m: change(m, "pgbackrest.conf", "[main]", "repo1-cipher-pass=x\n[main]"),
    "the archive_command is not one": lambda m: change(m, "postgresql.conf", "--stanza=main", "--stanza=other"),
    "requests for restpoint are refused": lambda m: [one.update(value="localhost") for one in m.containers["restpoint"]["env"]
                                                     if one["name"] == "RESTPOINT_SERVER_ALLOWED_HOSTS"],
}

MISTAKES_OF_S3 = {
    "needs pgbackrest.conf of Secret": lambda m: m.secrets[0]["stringData"].pop("pgbackrest.conf"),
    "/var/spool/pgbackrest is not the same": lambda m: m.containers["restpoint"]["volumeMounts"].pop(0),
}

MISTAKES_OF_REPLICAS = {
    "Service restpoint-postgres leads to standbys": lambda m: m.one("Service", "restpoint-postgres")["spec"]["selector"].pop(
        manifests.POD_NAME),
    "Service restpoint does not select": lambda m: m.one("Service", "restpoint")["spec"]["selector"].update(
        {manifests.POD_NAME: "restpoint-3"}),
}


def change(them, key, old, new):
    data = them.one("ConfigMap")["data"]
    assert old in data[key]
    data[key] = data[key].replace(old, new)


@pytest.mark.parametrize("name,said,plant", [(name, said, plant) for name, all_of_it in (
    ("base", MISTAKES), ("s3", MISTAKES_OF_S3), ("replicas", MISTAKES_OF_REPLICAS))
                                             for said, plant in all_of_it.items()])
def test_a_mistake_that_is_planted_is_found(rendered, name, said, plant, tmp_path):
    documents, secrets = copy.deepcopy(rendered[name])
    plant(manifests.Manifests(documents, secrets))
    assert any(said in one for one in manifests.faults(documents, secrets, tmp_path))
