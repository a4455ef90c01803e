"""The Kubernetes manifests: what kustomize makes of them is what the API takes, safe, and consistent in itself."""

import re
import subprocess
import urllib.request

import commands
import kubernetes
import kubernetes_validate
import pytest
from fleet import free_ports
from support import BINARY, JOBS, Program, query, sonarsweep, wait_for

# The API as kubectl here knows it.
VERSION = "1.33"
# Kinds of operators, whose schemas are not the API's: what of theirs is used.
OPERATORS = {
    "ScaledObject": {"scaleTargetRef", "minReplicaCount", "maxReplicaCount", "cooldownPeriod", "triggers"},
    "ServiceMonitor": {"selector", "endpoints"},
}
COMPOSITIONS = {"base": (), "keda": ("keda", "monitoring"), "hpa": ("hpa", "monitoring")}


@pytest.fixture(scope="module")
def kubectl(tmp_path_factory):
    return kubernetes.unpack_kubectl(tmp_path_factory.mktemp("kubectl"))


@pytest.fixture(scope="module", params=[*COMPOSITIONS, "example"])
def resources(request, kubectl, tmp_path_factory):
    if request.param == "example":
        return kubernetes.render(kubectl, kubernetes.ROOT / "overlays/example")
    directory = tmp_path_factory.mktemp(request.param)
    return kubernetes.render(kubectl, kubernetes.compose(directory, *COMPOSITIONS[request.param]))


def test_the_api_takes_every_resource(resources):
    for resource in resources:
        if resource["kind"] in OPERATORS:
            assert set(resource["spec"]) <= OPERATORS[resource["kind"]]
        else:
            kubernetes_validate.validate(resource, VERSION, strict=True)


def test_every_manifest_is_rendered(kubectl):
    rendered = {(each["kind"], each["metadata"]["name"]) for each in
                kubernetes.render(kubectl, kubernetes.ROOT / "overlays/example")}
    for file in kubernetes.ROOT.rglob("*.yaml"):
        for document in commands.documents(file):
            if document["kind"] not in ("Kustomization", "Component", "HorizontalPodAutoscaler"):
                assert (document["kind"], document["metadata"]["name"]) in rendered, file


def test_no_container_can_do_more_than_it_must(resources):
    found = 0
    for name, template in kubernetes.pods(resources):
        pod = template["spec"]
        assert pod["automountServiceAccountToken"] is False, name
        security = pod["securityContext"]
        assert security["runAsNonRoot"] is True and security["runAsUser"] > 0 and security["runAsGroup"] > 0, name
        assert security["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert not any(pod.get(each) for each in ("hostNetwork", "hostPID", "hostIPC")), name
        for container, _ in kubernetes.containers(template):
            own = container["securityContext"]
            assert own["readOnlyRootFilesystem"] is True and own["allowPrivilegeEscalation"] is False, container["name"]
            assert own["capabilities"] == {"drop": ["ALL"]} and not own.get("privileged"), container["name"]
            assert "runAsUser" not in own and own.get("runAsNonRoot", True), container["name"]
            found += 1
    assert found == 5
    labels = kubernetes.select(resources, "Namespace")["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


def test_every_container_says_what_it_needs(resources):
    for _, template in kubernetes.pods(resources):
        for container, _ in kubernetes.containers(template):
            requests, limits = container["resources"]["requests"], container["resources"]["limits"]
            assert set(requests) == {"cpu", "memory"} and "memory" in limits, container["name"]
            # A limit of the processor would only slow down what a node has to give.
            assert "cpu" not in limits or container not in template["spec"]["containers"], container["name"]


def test_images_have_a_version_and_are_the_same(resources):
    images = {container["image"] for _, template in kubernetes.pods(resources)
              for container, _ in kubernetes.containers(template)}
    (image,) = images
    version = sonarsweep("--version").stdout.strip()
    assert image.startswith("registry.example.org/") and image.endswith(f":{version}")


def test_secrets_are_files(resources):
    mounted = set()
    for _, template in kubernetes.pods(resources):
        for container, _ in kubernetes.containers(template):
            assert "envFrom" not in container
            for variable in container.get("env", []):
                assert "valueFrom" not in variable and not re.search("TOKEN|KEY|SECRET", variable["name"])
        mounted |= {volume["secret"]["secretName"] for volume in template["spec"]["volumes"] if "secret" in volume}
        assert all(volume["secret"]["defaultMode"] & 0o027 == 0 for volume in template["spec"]["volumes"] if "secret" in volume)
    assert mounted == {"sonarsweep-worker-key"}
    assert not [each for each in resources if each["kind"] == "Secret"], "secrets do not stand in a repository"


def test_what_is_mounted_exists_and_what_is_written_is_mounted(resources):
    for name, template in kubernetes.pods(resources):
        claims = next(each for each in resources if each["metadata"]["name"] == name and "template" in each.get("spec", {}))
        volumes = {volume["name"] for volume in template["spec"]["volumes"]}
        volumes |= {claim["metadata"]["name"] for claim in claims["spec"].get("volumeClaimTemplates", [])}
        for container, _ in kubernetes.containers(template):
            mounts = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
            assert set(mounts) <= volumes, container["name"]
            # The root file system is read-only.
            values = [word.partition("=")[2] for word in container.get("args", [])]
            values += [variable["value"] for variable in container.get("env", [])]
            for path in (value for value in values if value.startswith("/")):
                assert any(path.startswith(f"{mount}/") or path == mount for mount in mounts.values()), path


def test_probes_ask_the_port_of_http(resources):
    head = kubernetes.select(resources, "StatefulSet")["spec"]["template"]
    coordinator = next(each for each, _ in kubernetes.containers(head) if each["name"] == "coordinator")
    ports = {port["name"]: port["containerPort"] for port in coordinator["ports"]}
    assert f"--http=0.0.0.0:{ports['http']}" in coordinator["args"]
    for probe, path in (("startupProbe", "/healthz"), ("livenessProbe", "/healthz"), ("readinessProbe", "/readyz")):
        assert coordinator[probe]["httpGet"] == {"path": path, "port": "http"}, probe


def test_services_reach_the_ports_of_the_pods(resources):
    templates = [template for _, template in kubernetes.pods(resources)]
    for service in (each for each in resources if each["kind"] == "Service"):
        (template,) = [each for each in templates if kubernetes.matches(service["spec"]["selector"], each)]
        ports = {port["name"]: port["containerPort"] for container, _ in kubernetes.containers(template)
                 for port in container.get("ports", [])}
        for port in service["spec"]["ports"]:
            assert ports[port["targetPort"]] == port["port"], service["metadata"]["name"]
    head = kubernetes.select(resources, "StatefulSet")["spec"]
    assert kubernetes.select(resources, "Service", head["serviceName"])["spec"]["clusterIP"] == "None"
    assert head["replicas"] == 1


def test_selectors_take_the_pods_they_are_for(resources):
    templates = dict(kubernetes.pods(resources))
    for name, template in templates.items():
        owner = next(each for each in resources if each["metadata"]["name"] == name and "template" in each.get("spec", {}))
        assert kubernetes.matches(owner["spec"]["selector"], template)
    budget = kubernetes.select(resources, "PodDisruptionBudget")["spec"]
    assert [name for name, template in templates.items() if kubernetes.matches(budget["selector"], template)] == [
        "sonarsweep-worker"]
    for monitor in (each for each in resources if each["kind"] == "ServiceMonitor"):
        labels = kubernetes.select(resources, "Service", "sonarsweep-http")["metadata"]["labels"]
        assert monitor["spec"]["selector"]["matchLabels"].items() <= labels.items()


def test_only_what_the_fleet_needs_passes_the_network(resources):
    policies = [each["spec"] for each in resources if each["kind"] == "NetworkPolicy"]
    # One takes all pods and both directions, and allows nothing.
    assert {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]} in policies
    templates = dict(kubernetes.pods(resources))

    def allowed(name, direction):
        return {(port["port"], *(sorted(str(each) for each in rule["from" if direction == "ingress" else "to"])))
                for policy in policies if kubernetes.matches(policy["podSelector"], templates[name])
                for rule in policy.get(direction, []) for port in rule["ports"]}

    assert {port for port, *_ in allowed("sonarsweep", "ingress")} == {5700, 5701, 5780}
    assert {port for port, *_ in allowed("sonarsweep-worker", "egress")} == {5700, 5701, 53}
    assert not allowed("sonarsweep-worker", "ingress") and not allowed("sonarsweep", "egress")
    for policy in policies:
        for rule in [*policy.get("ingress", []), *policy.get("egress", [])]:
            assert rule["ports"] and (rule.get("from") or rule.get("to")), "nobody and no port is named"


def test_workers_are_stopped_no_sooner_than_they_give_back(resources):
    template = kubernetes.select(resources, "Deployment")["spec"]["template"]
    (worker,) = template["spec"]["containers"]
    (grace,) = [int(word.partition("=")[2]) for word in worker["args"] if word.startswith("--grace=")]
    assert template["spec"]["terminationGracePeriodSeconds"] > grace + 10


# What the containers run, on this machine


def words(container, replacements):
    result = []
    for word in [*container.get("command", []), *container.get("args", [])]:
        for former, new in replacements.items():
            word = word.replace(former, str(new))
        result.append(word)
    return result


def fetch(url, token=None, host="10.1.2.3:5780"):
    request = urllib.request.Request(url, headers={"Host": host, **({"Authorization": f"Bearer {token}"} if token else {})})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.read().decode()


def is_up(url):
    try:
        return bool(fetch(url))
    except OSError:
        return False


@pytest.fixture
def start(tmp_path):
    started = []

    def start(name, arguments):
        started.append(Program(tmp_path / f"{name}.log", BINARY, *arguments))
        return started[-1]

    yield start
    for program in reversed(started):
        program.stop()


def test_the_containers_command_lines_are_a_fleet(kubectl, start, tmp_path):
    resources = kubernetes.render(kubectl, kubernetes.ROOT / "base")
    head, workers = (kubernetes.select(resources, kind)["spec"]["template"]["spec"] for kind in ("StatefulSet", "Deployment"))
    coordinator, aggregator = head["containers"]
    requests, records, http = free_ports(3, ["127.0.0.1"] * 3)
    data, key, secret = tmp_path / "data", tmp_path / "key", tmp_path / "secret"
    here = {"/data": data, "/key/": f"{key}/", "/secret/": f"{secret}/", "tcp://*": "tcp://127.0.0.1", "0.0.0.0": "127.0.0.1",
            "tcp://sonarsweep:": "tcp://127.0.0.1:", ":5700": f":{requests}", ":5701": f":{records}", ":5780": f":{http}"}
    for directory in (data, key, secret):
        directory.mkdir()

    # Every pod that starts, and starts again, does this first.
    (keys,) = head["initContainers"]
    for _ in range(2):
        script = [word.replace("sonarsweep keys", f"{BINARY} keys").replace("sonarsweep tokens", f"{BINARY} tokens")
                  for word in words(keys, here)]
        subprocess.run(script, check=True, capture_output=True)
    # Kubernetes gives a volume's group access to it.
    subprocess.run(["chmod", "-R", "g=u", data], check=True)
    subprocess.run(script, check=True, capture_output=True)
    token = re.search(r"\S{20,}", (data / "administrator.token").read_text())[0]

    start("coordinator", words(coordinator, here))
    url = f"http://127.0.0.1:{http}"
    wait_for(lambda: is_up(url + coordinator["livenessProbe"]["httpGet"]["path"]), "the coordinator to live")
    ready = url + coordinator["readinessProbe"]["httpGet"]["path"]
    assert not is_up(ready), "ready without an aggregator"
    start("aggregator", words(aggregator, here))
    wait_for(lambda: is_up(ready), "the head to be ready")

    # As README.md says: a key for the workers, which goes into a secret.
    done = sonarsweep("keys", "add", "workers", "--keys", data / "keys")
    assert done.returncode == 0, done.stderr
    (secret / "worker.key").write_bytes((data / "keys/workers.key").read_bytes())
    (secret / "worker.key").chmod(0o640)
    (install,) = workers["initContainers"]
    subprocess.run(words(install, here), check=True)
    start("worker", words(workers["containers"][0], here))

    (tmp_path / "token").write_text(token)
    (tmp_path / "token").chmod(0o600)
    done = sonarsweep("submit", JOBS / "position.yaml", "--watch", "--quiet", "--coordinator", url, "--token-file",
                      tmp_path / "token", timeout=90)
    assert done.returncode == 0, done.stdout + done.stderr
    (store,) = [path.parent for path in (data / "results").glob("*/catalogue.sqlite")]
    assert query(store, "SELECT count(*) FROM units WHERE status = 'done'") == [(120,)]

    metrics = {name for name in re.findall(r"^([a-z_]+)(?:\{.*\})? ", fetch(f"{url}/metrics", token), re.MULTILINE)}
    asked = scaling_metrics()
    assert asked == {"sonarsweep_units_remaining"} and asked <= metrics


def scaling_metrics():
    """The metrics that workers are scaled by."""
    triggers = commands.documents(kubernetes.ROOT / "components/keda/scaled-object.yaml")[0]["spec"]["triggers"]
    metrics = commands.documents(kubernetes.ROOT / "components/hpa/autoscaler.yaml")[0]["spec"]["metrics"]
    return ({name for trigger in triggers for name in re.findall(r"sonarsweep_\w+", trigger["metadata"]["query"])}
            | {metric["external"]["metric"]["name"] for metric in metrics})


def test_autoscalers_scale_the_workers(kubectl, tmp_path):
    for component, kind in (("keda", "ScaledObject"), ("hpa", "HorizontalPodAutoscaler")):
        (tmp_path / component).mkdir()
        resources = kubernetes.render(kubectl, kubernetes.compose(tmp_path / component, component))
        target = kubernetes.select(resources, kind)["spec"]["scaleTargetRef"]
        deployment = kubernetes.select(resources, target["kind"], target["name"])
        # A number there would undo what the autoscaler did with each change.
        assert "replicas" not in deployment["spec"]
