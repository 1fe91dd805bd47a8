"""The chart makes what deploy/kubernetes describes, and its schema refuses what would not work."""
import configparser
import copy
import re
import tomllib

import pytest
import yaml

from support import manifests, programs, rendering

EXAMPLES = rendering.CHART / "examples"
S3 = ("-f", EXAMPLES / "s3.yaml")
REPLICAS = (*S3, "-f", EXAMPLES / "replicas.yaml")
MONITOR = ("--set", "serviceMonitor.enabled=true")

# Where the two may differ: Helm's own labels, and how a change of the ConfigMap becomes one of the pods.
# Labels on volume claims, which kustomize puts everywhere and a StatefulSet never lets change.
OF_HELM = ("helm.sh/chart", "app.kubernetes.io/managed-by", "app.kubernetes.io/version")
CHECKSUM = "checksum/config"
HASH = re.compile(r"^(restpoint)-[a-z0-9]{10}$")


def parsed(name, text):
    """What a file says, without its comments."""
    if name.endswith(".toml"):
        return tomllib.loads(text)
    if name == "pgbackrest.conf":
        conf = configparser.ConfigParser()
        conf.read_string(text)
        return {section: dict(conf[section]) for section in conf.sections()}
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


def comparable(documents):
    """Kind and name → document, without what may differ and without the order of lists of things that have names."""
    def walk(value, parent=""):
        if isinstance(value, dict):
            value = {key: walk(one, key) for key, one in value.items()
                     if key not in OF_HELM and key != CHECKSUM}
            return {key: one for key, one in value.items() if not (key == "annotations" and one == {})}
        if isinstance(value, list):
            value = [walk(one) for one in value]
            key = "mountPath" if parent == "volumeMounts" else "name"
            # Init containers run in their order.
            if parent in ("volumeMounts", "volumes", "env", "ports") and all(isinstance(one, dict) and key in one for one in value):
                value.sort(key=lambda one: one[key])
            return value
        return HASH.sub(r"\1", value) if isinstance(value, str) else value

    made = {}
    for one in documents:
        one = walk(copy.deepcopy(one))
        if one["kind"] == "ConfigMap":
            one["data"] = {name: parsed(name, text) for name, text in one["data"].items()}
        for claim in one.get("spec", {}).get("volumeClaimTemplates", []):
            claim["metadata"].pop("labels", None)
        made[one["kind"], one["metadata"]["name"]] = one
    return made


@pytest.mark.parametrize("folder,options", (("base", ()), ("overlays/s3", S3), ("overlays/replicas", REPLICAS), (None, MONITOR)))
def test_the_chart_and_the_kustomization_are_the_same(kubernetes, folder, options):
    of_chart = comparable(kubernetes.template(*options))
    of_kustomize = comparable(kubernetes.kustomize(rendering.KUSTOMIZE / folder) if folder else kubernetes.monitored())
    assert of_chart.keys() == of_kustomize.keys()
    for name, document in of_kustomize.items():
        assert of_chart[name] == document


def test_a_difference_is_seen(kubernetes):
    base = comparable(kubernetes.kustomize(rendering.KUSTOMIZE / "base"))
    for option in ("terminationGracePeriodSeconds=181", "postgres.settings.work_mem=1GB", "repo.options.process-max=3",
                   "restpoint.shutdownGraceSeconds=41", "storage.data.size=21Gi", "image.tag=0.1.1"):
        assert comparable(kubernetes.template("--set", option)) != base, option


def test_lint_finds_nothing(kubernetes):
    for options in ((), S3, REPLICAS):
        programs.run(kubernetes.helm, "lint", "--strict", rendering.CHART, *options)


SECRET = {"kind": "Secret", "metadata": {"name": "restpoint"}, "stringData": {"postgres-password": "", "pgbackrest.conf": ""}}
VARIANTS = {
    "as it is": (),
    "s3": S3,
    "replicas": REPLICAS,
    "monitored": MONITOR,
    "without policies": ("--set", "networkPolicy.enabled=false", "--set", "podDisruptionBudget.enabled=false"),
    "with everything": (*REPLICAS, *MONITOR, "--set", "postgres.settings.shared_buffers=1GB", "--set", "postgres.settings.max_wal_size=4096",
                        "--set", "imagePullSecrets[0].name=registry", "--set", "nodeSelector.disk=ssd", "--set",
                        "tolerations[0].operator=Exists", "--set", "podAnnotations.team=data", "--set", "stanza=orders", "--set",
                        "image.pullPolicy=Always", "--set", "storage.data.class=fast", "--set", "repo.options.repo1-retention-full=1000000",
                        "--set-json", 'restpoint.configuration="[restore]\\nkeep_previous_h = 48\\n"', "--set",
                        "restpoint.allowedHosts[0]=backups.example.org", "--set", "primary=1", "--set",
                        r"postgres.settings.archive_cleanup_command=it's C:\\x"),
    "a stanza of digits": ("--set-string", "stanza=2026"),
}


@pytest.fixture(scope="module")
def variants(kubernetes):
    return {name: kubernetes.template(*options) for name, options in VARIANTS.items()}


def test_every_field_is_one_that_kubernetes_knows(kubernetes, variants):
    assert kubernetes.type_faults(variants) == {name: [] for name in variants}


@pytest.mark.parametrize("name", VARIANTS)
def test_every_name_leads_somewhere(variants, name, tmp_path):
    assert manifests.faults(variants[name], [SECRET], tmp_path) == []


def test_values_reach_the_files_as_they_are_written(variants):
    data = manifests.Manifests(variants["with everything"]).one("ConfigMap")["data"]
    assert "max_wal_size = '4096'" in data["postgresql.conf"]
    assert r"archive_cleanup_command = 'it''s C:\\x'" in data["postgresql.conf"]
    assert "repo1-retention-full=1000000" in data["pgbackrest.conf"] and "[orders]" in data["pgbackrest.conf"]
    assert tomllib.loads(data["restpoint.toml"])["restore"] == {"keep_previous_h": 48}
    assert "--stanza=orders" in data["seed.sh"] and "--stanza=main" not in data["seed.sh"]


def test_two_releases_share_no_name(kubernetes):
    def names(release):
        return {(one["kind"], one["metadata"]["name"]) for one in kubernetes.template(*MONITOR, release=release)}
    assert not names("orders") & names("invoices")


@pytest.mark.parametrize("option", (
    "replica=3", "replicas=0", "replicas=3", "image.repository=", "image.pullPolicy=Sometimes", "terminationGracePeriodSeconds=long",
    "stanza=../x", "schedules[0].action=drill", "schedules[0].cron=daily", "schedules[0].type=weekly", "schedules[0].typ=full",
    "schedules[0].jitter_s=-1", "storage.data.size=lots", "postgres.resources.request=1", "repo.options.repo1-cipher-pass=x",
    "repo.options.repo1-s3-key-secret=x", "repo.options.process_max=2", "postgres.settings.archive_command=false",
    "networkPolicy.egressPorts[0]=0", "serviceMonitor.interval=soon", "secret=Not_A_Name", "primary=-1"))
def test_the_schema_refuses_what_would_not_work(kubernetes, option):
    done = programs.ran(kubernetes.helm, "template", "restpoint", rendering.CHART, "--set", option)
    assert done.returncode != 0 and "values don't meet the specifications" in done.stderr, done.stderr


def test_the_services_lead_to_the_pod_that_is_said_to_be_the_primary(kubernetes, variants):
    made = manifests.Manifests(variants["with everything"])
    for name in ("restpoint", "restpoint-postgres"):
        assert made.one("Service", name)["spec"]["selector"][manifests.POD_NAME] == "restpoint-1"
    done = programs.ran(kubernetes.helm, "template", "restpoint", rendering.CHART, *REPLICAS, "--set", "primary=3")
    assert done.returncode != 0 and "primary is 3, and the pods are 0 to 2" in done.stderr


def test_the_default_values_are_whole():
    """A key that the schema has and values.yaml has not is one that nobody finds."""
    def keys(schema, values, path=""):
        for name, inner in schema.get("properties", {}).items():
            if path == "" and name == "global":
                continue  # Helm's own
            assert name in values, f"{path}{name}"
            if isinstance(values[name], dict):
                keys(inner, values[name], f"{path}{name}.")
    keys(yaml.safe_load((rendering.CHART / "values.schema.json").read_text()), yaml.safe_load((rendering.CHART / "values.yaml").read_text()))
