"""docker/compose.yaml; needs no engine."""

import pathlib
import shutil
import subprocess

import yaml

COMPOSE = pathlib.Path(__file__).parents[2] / "docker" / "compose.yaml"


def compose_tools():
    for tool in ["docker", "compose"], ["docker-compose"]:
        if shutil.which(tool[0]):
            probe = subprocess.run([*tool, "version"], capture_output=True)
            if probe.returncode == 0:
                yield tool


def test_starts_a_confined_container_with_a_fixture():
    service = yaml.safe_load(COMPOSE.read_text())["services"]["kestub"]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["ports"] == ["127.0.0.1:8080:8080"]
    context = COMPOSE.parent / service["build"]["context"]
    assert (context / service["build"]["dockerfile"]).is_file()
    [volume] = service["volumes"]
    source, target, mode = volume.split(":")
    assert mode == "ro"
    option, fixture = service["command"]
    assert option == "--fixture"
    assert (COMPOSE.parent / source / pathlib.Path(fixture).relative_to(target)).is_file()
    for tool in compose_tools():
        subprocess.run([*tool, "--file", COMPOSE, "config", "--quiet"], check=True)
