"""The versions of the server, with the traits of schema/versions.yaml as attributes."""
import pathlib
import types

import yaml

PATH = pathlib.Path(__file__).resolve().parents[2] / "schema/versions.yaml"


class Version(types.SimpleNamespace):
    def since(self, name):
        """Whether this is the named version or a newer one."""
        return self.number >= VERSIONS[name].number


VERSIONS = {
    described["name"]: Version(name=described["name"], number=number, **described["traits"])
    for number, described in enumerate(yaml.safe_load(PATH.read_text(encoding="utf-8")))
}
