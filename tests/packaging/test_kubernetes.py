"""The manifests as kustomize renders them: valid, unprivileged, and agreeing with the program that they run."""
import json
import re
import shutil
import subprocess

import pytest
import yaml
from conftest import HERE, ROOT, run

from harness import Exporter, run_command
from harness.web import QUIET

KUBERNETES = ROOT / "packaging" / "kubernetes"
RULES = sorted((ROOT / "config" / "prometheus").glob("dnspolicy-*.yml"))
NAME = {"app.kubernetes.io/name": "dnspolicy"}


def load(*paths):
    return [document for path in paths for document in yaml.safe_load_all(path.read_text())]


@pytest.fixture(scope="session")
def objects():
    """All that `kubectl apply -k` would send."""
    if not shutil.which("kubectl") or "kustomizeVersion" not in run("kubectl", "version", "--client", "-o", "json"):
        pytest.skip("no kubectl from 1.24 on, and Debian 12 has an older one")
    return list(yaml.safe_load_all(run("kubectl", "kustomize", KUBERNETES)))


def of_kind(objects, kind):
    found = [each for each in objects if each["kind"] == kind]
    assert found
    return found


def pods(objects):
    return [each["spec"]["template"]["spec"] for each in of_kind(objects, "DaemonSet")]


def containers(objects):
    return [container for pod in pods(objects) for container in pod["containers"]]


def plain():
    """The objects that need no rendering."""
    files = [path for path in KUBERNETES.rglob("*.yaml") if path.name not in ("kustomization.yaml", "hostnetwork.yaml")]
    assert len(files) >= 7
    return load(*files)


@pytest.mark.parametrize("source", ["files", "rendered"])
def test_every_object_is_valid(source, packages, request):
    given = plain() if source == "files" else request.getfixturevalue("objects")
    said = subprocess.run(["node", HERE / "validate.cjs"], input=json.dumps(given), text=True, capture_output=True, check=True)
    assert not said.stdout


@pytest.mark.parametrize("source", ["files", "rendered"])
def test_no_object_has_a_field_that_kubernetes_does_not_know(source, packages, request):
    """The API server would drop it, and say nothing of it: a security context that is misspelt is none."""
    given = plain() if source == "files" else request.getfixturevalue("objects")
    lines = []
    for number, each in enumerate(given):
        models = "@kubernetes-models/prometheus-operator" if each["apiVersion"].startswith("monitoring.") else "kubernetes-models"
        lines.append(f"export const o{number}: import('{models}/{each['apiVersion']}').I{each['kind']} = {json.dumps(each)};\n")
    # Beside node_modules, where the types are found.
    source_file = packages / f"objects-{source}.ts"
    source_file.write_text("".join(lines))
    options = ["--noEmit", "--strict", "--skipLibCheck", "--module", "node16", "--moduleResolution", "node16"]
    run(packages / ".bin" / "tsc", *options, source_file)


def test_the_rules_are_those_of_prometheus(objects):
    [rule] = of_kind(objects, "PrometheusRule")
    groups = [group for document in load(*RULES) for group in document["groups"]]
    assert len(RULES) > 1 and rule["spec"]["groups"] == groups, "run `make kubernetes-rules`"


def test_pods_meet_the_restricted_standard(objects):
    """https://kubernetes.io/docs/concepts/security/pod-security-standards/, with a root that cannot be written on top."""
    for pod in pods(objects):
        assert pod["securityContext"]["runAsNonRoot"] is True and pod["securityContext"]["runAsUser"] > 0
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["automountServiceAccountToken"] is False
        assert {key for volume in pod["volumes"] for key in volume} == {"name", "configMap"}
        assert not {"hostPID", "hostIPC", "initContainers"} & set(pod)
    for container in containers(objects):
        assert container["securityContext"] == {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
                                                "capabilities": {"drop": ["ALL"]}}


def test_only_the_namespace_that_says_so_has_pods_on_the_hosts_network(objects):
    standards = {each["metadata"]["name"]: each["metadata"]["labels"]["pod-security.kubernetes.io/enforce"]
                 for each in of_kind(objects, "Namespace")}
    on_host = {each["metadata"]["namespace"]: each["spec"]["template"]["spec"].get("hostNetwork", False)
               for each in of_kind(objects, "DaemonSet")}
    assert on_host == {"dnspolicy": False, "dnspolicy-nodes": True}
    assert standards == {"dnspolicy": "restricted", "dnspolicy-nodes": "privileged"}


def test_all_that_refers_finds_what_it_refers_to(objects):
    maps = {(each["metadata"]["namespace"], each["metadata"]["name"]) for each in of_kind(objects, "ConfigMap")}
    for each in of_kind(objects, "DaemonSet"):
        space, pod = each["metadata"]["namespace"], each["spec"]["template"]
        assert all((space, volume["configMap"]["name"]) in maps for volume in pod["spec"]["volumes"])
        assert pod["metadata"]["labels"] == each["spec"]["selector"]["matchLabels"] == NAME
        services = [service for service in of_kind(objects, "Service") if service["metadata"]["namespace"] == space]
        monitors = [monitor for monitor in of_kind(objects, "ServiceMonitor") if monitor["metadata"]["namespace"] == space]
        assert [service["spec"]["selector"] for service in services] == [NAME] == [service["metadata"]["labels"] for service in services]
        assert [monitor["spec"]["selector"]["matchLabels"] for monitor in monitors] == [NAME]
        ports = {port["name"]: port["containerPort"] for port in pod["spec"]["containers"][0]["ports"]}
        assert [port["port"] for service in services for port in service["spec"]["ports"]] == [ports["metrics"]]
        assert {endpoint["port"] for monitor in monitors for endpoint in monitor["spec"]["endpoints"]} <= set(ports)
        assert "dnspolicy" in services[0]["metadata"]["name"], "the job's name, by which DnspolicyDown looks for targets"


def test_a_changed_configuration_is_a_changed_name(objects):
    assert all(re.fullmatch(r"dnspolicy-[a-z0-9]{10}", each["metadata"]["name"]) for each in of_kind(objects, "ConfigMap"))


def test_the_image_is_that_of_this_version(version):
    image = load(KUBERNETES / "base" / "kustomization.yaml")[0]["images"][0]
    container = load(KUBERNETES / "base" / "daemonset.yaml")[0]["spec"]["template"]["spec"]["containers"][0]
    assert image["newTag"] == version and container["image"] == image["name"]


@pytest.mark.parametrize("vantage", ["pods", "nodes"])
def test_the_configurations_are_good(vantage, tmp_path):
    """The host's own resolvers are another matter."""
    text = (KUBERNETES / vantage / "dnspolicy.yml").read_text()
    assert "{address: system}" in text or "address: system\n" in text
    (tmp_path / "dnspolicy.yml").write_text(text.replace("address: system", "address: 127.0.0.53"))
    said = run_command("lint", "-c", tmp_path / "dnspolicy.yml")
    assert said.returncode == 0 and not said.stderr


def test_the_program_takes_these_arguments_and_answers_these_probes(workspace):
    container = load(KUBERNETES / "base" / "daemonset.yaml")[0]["spec"]["template"]["spec"]["containers"][0]
    mounted = container["volumeMounts"][0]["mountPath"]
    config, *others = container["args"]
    assert config == f"--config.file={mounted}/dnspolicy.yml"
    exporter = Exporter(workspace, QUIET, *others)
    try:
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            assert exporter.get(container[probe]["httpGet"]["path"]).status == 200
    finally:
        exporter.stop()
    default = re.search(r"default: :(\d+)", run_command("--help", program="dnspolicy_exporter").stdout)[1]
    assert container["ports"][0]["containerPort"] == int(default)
