"""What is wrong with a set of manifests, beyond their fields: names that lead nowhere, paths that differ, time that does not fit.

A set is everything that is applied together, and the Secrets that people bring.
"""
import configparser
import re
import subprocess
import tomllib

from support import world

# By the image's entry point.
INCLUDED = "/run/restpoint/postgresql.conf"
INCLUDE = "PGBACKREST_CONFIG_INCLUDE_PATH"
POD_NAME = "statefulset.kubernetes.io/pod-name"
DNS_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")


class Manifests:
    def __init__(self, documents, secrets=()):
        self.documents, self.secrets = documents, list(secrets)
        self.faults = []

    def of_kind(self, kind):
        return [one for one in self.documents if one["kind"] == kind]

    def one(self, kind, name=None):
        found = [one for one in self.of_kind(kind) if name in (None, one["metadata"]["name"])]
        assert len(found) == 1, f"{len(found)} of {kind} {name or ''}"
        return found[0]

    @property
    def pod(self):
        return self.one("StatefulSet")["spec"]["template"]

    @property
    def containers(self):
        spec = self.pod["spec"]
        return {one["name"]: one for one in spec.get("initContainers", []) + spec["containers"]}

    def refuse(self, is_wrong, what):
        if is_wrong:
            self.faults.append(what)

    # Names

    def check_names(self):
        seen = set()
        for one in self.documents:
            name = (one["kind"], one["metadata"]["name"])
            self.refuse(name in seen, f"{name} is there twice")
            self.refuse(not DNS_LABEL.fullmatch(name[1]), f"{name} is no name")
            seen.add(name)

    def selects_pod(self, labels):
        return bool(labels) and labels.items() <= self.pod["metadata"]["labels"].items()

    def serves_from(self, service):
        """How many pods a Service leads to, with the label that a StatefulSet gives each."""
        labels, whole = dict(service["spec"]["selector"]), self.one("StatefulSet")
        number = labels.pop(POD_NAME, None)
        pods = [f"{whole['metadata']['name']}-{one}" for one in range(whole["spec"]["replicas"])]
        return len([pod for pod in pods if number in (None, pod)]) if self.selects_pod(labels) else 0

    def check_selectors(self):
        for kind in ("StatefulSet", "PodDisruptionBudget", "NetworkPolicy"):
            for one in self.of_kind(kind):
                spec = one["spec"]
                labels = (spec["podSelector"] if kind == "NetworkPolicy" else spec["selector"])["matchLabels"]
                self.refuse(not self.selects_pod(labels), f"{kind} does not select the pods")
        for service in self.of_kind("Service"):
            found, name = self.serves_from(service), service["metadata"]["name"]
            self.refuse(found == 0, f"Service {name} does not select the pods")
            self.refuse(found > 1 and service["spec"].get("clusterIP") != "None", f"Service {name} leads to standbys, too")
        self.refuse(self.one("StatefulSet")["spec"].get("podManagementPolicy") != "Parallel", "pods wait for one that is broken")
        headless = [s["metadata"]["name"] for s in self.of_kind("Service") if s["spec"].get("clusterIP") == "None"]
        self.refuse(self.one("StatefulSet")["spec"]["serviceName"] not in headless, "serviceName is no headless Service")

    def check_ports(self):
        open_ports = [port for one in self.containers.values() for port in one.get("ports", [])]
        names = {port["name"] for port in open_ports}
        self.refuse(len(names) != len(open_ports), "two ports of one name")
        for service in self.of_kind("Service"):
            for port in service["spec"]["ports"]:
                self.refuse(port["targetPort"] not in names,
                            f"Service {service['metadata']['name']} leads to the port {port['targetPort']}, which no container has")
        for policy in self.of_kind("NetworkPolicy"):
            for rule in policy["spec"]["ingress"]:
                for port in rule["ports"]:
                    self.refuse(port["port"] not in names, f"NetworkPolicy opens the port {port['port']}, which no container has")
        for name, one in self.containers.items():
            mine = {port["name"] for port in one.get("ports", [])}
            for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
                asked = one.get(probe, {}).get("httpGet")
                self.refuse(asked and asked["port"] not in mine, f"{probe} of {name} asks the port {asked and asked['port']}")

    def check_monitors(self):
        for monitor in self.of_kind("ServiceMonitor"):
            wanted = monitor["spec"]["selector"]["matchLabels"].items()
            chosen = [s for s in self.of_kind("Service") if wanted <= s["metadata"].get("labels", {}).items()]
            self.refuse(len(chosen) != 1, f"ServiceMonitor selects {len(chosen)} Services")
            self.refuse(any(s["spec"].get("clusterIP") != "None" for s in chosen), "ServiceMonitor does not ask every pod")
            for endpoint in monitor["spec"]["endpoints"]:
                known = {port["name"] for service in chosen for port in service["spec"]["ports"]}
                self.refuse(endpoint["port"] not in known, f"ServiceMonitor asks the port {endpoint['port']}")

    # Volumes and what is in them

    def volumes(self):
        spec = self.one("StatefulSet")["spec"]
        claims = {one["metadata"]["name"]: {"claim": one["spec"]} for one in spec.get("volumeClaimTemplates", [])}
        return claims | {one["name"]: one for one in self.pod["spec"]["volumes"]}

    def check_volumes(self):
        there, used = set(self.volumes()), set()
        for name, one in self.containers.items():
            places = [mount["mountPath"] for mount in one["volumeMounts"]]
            self.refuse(len(places) != len(set(places)), f"{name} mounts two volumes at one place")
            for mount in one["volumeMounts"]:
                self.refuse(mount["name"] not in there, f"{name} mounts {mount['name']}, which is no volume")
                used.add(mount["name"])
        self.refuse(there - used, f"no container mounts {sorted(there - used)}")

    def keys_of(self, kind, name):
        given = [one for one in (self.of_kind(kind) if kind == "ConfigMap" else self.secrets) if one["metadata"]["name"] == name]
        return {key for one in given for part in ("data", "stringData") for key in one.get(part, {})} if given else None

    def check_source(self, volume, kind, name, source):
        keys = self.keys_of(kind, name)
        if source.get("optional"):
            return
        self.refuse(keys is None, f"the volume {volume} needs {kind} {name}")
        for item in source["items"]:
            self.refuse(item["key"] not in (keys or ()), f"the volume {volume} needs {item['key']} of {kind} {name}")

    def check_sources(self):
        for name, volume in self.volumes().items():
            for source in volume.get("projected", {}).get("sources", [volume]):
                if "configMap" in source:
                    self.check_source(name, "ConfigMap", source["configMap"]["name"], source["configMap"])
                if "secret" in source:
                    inner = source["secret"]
                    self.check_source(name, "Secret", inner.get("secretName", inner.get("name")), inner)

    def volume_at(self, container, path):
        """The volume that a path of a container lies in, and the rest of the path."""
        mounts = sorted(self.containers[container]["volumeMounts"], key=lambda one: -len(one["mountPath"]))
        for mount in mounts:
            if path == mount["mountPath"] or path.startswith(mount["mountPath"] + "/"):
                below = path[len(mount["mountPath"]):]
                return mount["name"], f"/{mount['subPath']}{below}" if "subPath" in mount else below
        return None

    # The restricted profile, and what we want beside it

    def check_security(self):
        spec = self.pod["spec"]
        whole = spec["securityContext"]
        self.refuse(not whole.get("runAsNonRoot") or not whole.get("runAsUser"), "the pod may run as root")
        self.refuse(whole.get("seccompProfile") != {"type": "RuntimeDefault"}, "the pod has no seccomp profile")
        self.refuse(whole.get("fsGroup") != whole.get("runAsGroup"), "volumes are not the group's")
        self.refuse(spec.get("enableServiceLinks") is not False, "the pod has service links")
        self.refuse(spec.get("automountServiceAccountToken") is not False, "the pod has a token of Kubernetes' API")
        for name, one in self.containers.items():
            wanted = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
            self.refuse(one.get("securityContext") != wanted, f"{name} is not restricted")
            self.refuse("memory" not in one["resources"]["limits"] or not one["resources"]["requests"], f"{name} has no bounds")
            self.refuse(self.volume_at(name, "/tmp/x") is None, f"{name} has no /tmp")
        self.refuse(len({one["image"] for one in self.containers.values()}) != 1,
                    "restpoint proves restores on a server of its own: both containers need one image")

    # What the containers are told

    def file(self, container, path):
        """The content of a file that a volume puts at a path."""
        name, rest = self.volume_at(container, path)
        volume = self.volumes()[name]
        for source in volume.get("projected", {}).get("sources", [volume]):
            for item in source.get("configMap", {}).get("items", []):
                if "/" + item["path"] == rest:
                    return self.one("ConfigMap", source["configMap"]["name"])["data"][item["key"]]
        raise AssertionError(f"{path} of {container} comes from no ConfigMap")

    def surely_there(self, container, folder):
        name, rest = self.volume_at(container, folder)
        sources = self.volumes()[name].get("projected", {}).get("sources", [])
        items = [item["path"] for one in sources for kind in one.values() if not kind.get("optional") for item in kind["items"]]
        return any(f"/{path}".startswith(f"{rest}/") for path in items)

    def environment(self, container):
        return {one["name"]: one.get("value") for one in self.containers[container].get("env", [])}

    def check_configuration(self, folder):
        """Paths and names that stand in several places are the same, and both programs take their files."""
        text = self.file("restpoint", "/etc/restpoint/restpoint.toml")
        toml = tomllib.loads(text)
        (folder / "restpoint.toml").write_text(text)
        said = subprocess.run([world.PROGRAM, "config", "check", "--config", folder / "restpoint.toml"], capture_output=True,
                              text=True, check=False)
        self.refuse(said.returncode != 0, f"restpoint.toml: {said.stdout}{said.stderr}")
        if self.faults:
            return  # what follows takes for granted that all of it is there
        self.check_paths(toml)
        self.check_backrest(toml, folder)
        self.check_times(toml)

    def check_paths(self, toml):
        postgres = toml["postgres"]
        conf = configparser.ConfigParser(strict=False)
        conf.read_string(self.file("restpoint", toml["pgbackrest"]["config"]))
        stanza = toml["pgbackrest"]["stanza"]
        server = self.file("postgres", "/usr/local/share/restpoint/postgresql.conf")
        arguments = self.containers["postgres"]["args"]
        same = {
            "data directory": {postgres["data_dir"], self.environment("postgres")["PGDATA"], conf[stanza]["pg1-path"]},
            "socket folder": {postgres["socket_dir"], conf[stanza]["pg1-socket-path"]},
            "socket of the agent": {postgres["control_socket"], arguments[1].removeprefix("--socket=")},
            "include path of pgBackRest": {self.environment(name).get(INCLUDE) for name in self.containers},
            "configuration of pgBackRest": {toml["pgbackrest"]["config"],
                                            *(self.environment(name)["PGBACKREST_CONFIG"] for name in self.containers)},
            "stanza": {stanza, self.environment("postgres")["RESTPOINT_PGBACKREST_STANZA"]},
            "archive_command": {re.search(r"archive_command = '(.*)'", server)[1],
                                f"pgbackrest --config={toml['pgbackrest']['config']} --stanza={stanza} archive-push %p"},
        }
        for what, values in same.items():
            self.refuse(len(values) != 1, f"the {what} is not one: {sorted(values)}")
        # The last is included by the data directory's, which the private server of a restore reads, too.
        shared = [postgres["data_dir"], postgres["socket_dir"], postgres["control_socket"], toml["pgbackrest"]["config"], INCLUDED,
                  *(conf["global"][key] for key in ("lock-path", "spool-path") if key in conf["global"])]
        if conf["global"].get("repo1-type", "posix") == "posix":
            shared.append(conf["global"]["repo1-path"])
        for path in shared:
            places = [self.volume_at(name, path) for name in ("postgres", "restpoint")]
            self.refuse(None in places or places[0] != places[1], f"{path} is not the same in both containers")
        self.refuse(self.volume_at("postgres", postgres["control_socket"])[0] != self.volume_at("postgres", postgres["data_dir"])[0],
                    "the agent's hold does not live as long as the data")
        for what in (toml["state"]["dir"], postgres["data_dir"]):
            self.refuse("claim" not in self.volumes()[self.volume_at("restpoint", what)[0]], f"{what} does not last")
        include = self.environment("postgres").get(INCLUDE)
        self.refuse(not self.surely_there("postgres", include), f"pgBackRest refuses to run without {include}")
        for option in (one for section in conf.values() for one in section):
            self.refuse(re.search("pass|key|token", option), f"the ConfigMap holds {option}")

    def check_backrest(self, toml, folder):
        (folder / "pgbackrest.conf").write_text(self.file("restpoint", toml["pgbackrest"]["config"]))
        said = subprocess.run(["pgbackrest", f"--config={folder}/pgbackrest.conf", f"--stanza={toml['pgbackrest']['stanza']}",
                               "--repo1-type=posix", f"--repo1-path={folder}/none", "--repo1-cipher-type=none",
                               f"--lock-path={folder}/lock", "--log-level-console=warn", "info"],
                              capture_output=True, text=True, check=False)
        self.refuse(said.returncode != 0 or "WARN" in said.stdout + said.stderr, f"pgbackrest.conf: {said.stdout}{said.stderr}")

    def check_times(self, toml):
        grace = self.pod["spec"]["terminationGracePeriodSeconds"]
        shutdown = toml["shutdown"]["grace_s"]
        self.refuse(toml["shutdown"]["running_jobs"] != "stop", "jobs do not outlive a container")
        self.refuse(not toml["jobs"]["stop_grace_s"] * 2 <= shutdown, "running jobs are not given their time at the end")
        # restpoint ends behind PostgreSQL, which archives its last WAL in what is left.
        self.refuse(not shutdown + 60 <= grace, f"{shutdown} s of restpoint do not fit into {grace} s of the pod")
        hosts = self.environment("restpoint")["RESTPOINT_SERVER_ALLOWED_HOSTS"].split(",")
        api = [s["metadata"]["name"] for s in self.of_kind("Service") if any(p["name"] == "api" for p in s["spec"]["ports"])]
        for name in api:
            self.refuse(not any(re.fullmatch(rf"(.*\.)?{re.escape(name)}", host) for host in hosts),
                        f"requests for {name} are refused")


def faults(documents, secrets, folder):
    """Sentences; none for a set that is well."""
    found = Manifests(documents, secrets)
    for check in (found.check_names, found.check_selectors, found.check_ports, found.check_monitors, found.check_volumes,
                  found.check_sources, found.check_security):
        check()
    if not found.faults:
        found.check_configuration(folder)
    return found.faults
