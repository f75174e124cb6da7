"""Prints an SPDX document of what the image holds:

    sbom.py ARCH DIR ...

Each file below DIR is at the same path in the system that it was copied from, whose dpkg knows its
package.
"""
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import time

PROJECT = pathlib.Path(__file__).parents[1]
FORMAT = "${binary:Package}\t${Version}\t${source:Package}\t${Maintainer}\t${Homepage}\n"


def package_of(path):
    """The name of the Debian package that has a file, or None. Debian 12 has /lib in /usr/lib."""
    for name in {path, os.path.realpath(path)}:
        for candidate in (name, name.removeprefix("/usr")):
            done = subprocess.run(["dpkg", "-S", candidate], capture_output=True, text=True)
            if done.returncode == 0:
                return done.stdout.splitlines()[0].rsplit(": ", 1)[0]
    return None


def describe(name, version, supplier, homepage, purl, license_id="NOASSERTION"):
    return {
        "SPDXID": "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-", name),
        "name": name,
        "versionInfo": version,
        "supplier": supplier,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "homepage": homepage or "NOASSERTION",
        "licenseConcluded": license_id,
        "licenseDeclared": license_id,
        "copyrightText": "NOASSERTION",
        **({"externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": purl}]}
           if purl else {}),
    }


def debian_packages(arch, roots):
    files = sorted(
        "/" + str(path.relative_to(root))
        for root in roots for path in pathlib.Path(root).rglob("*") if path.is_file() and not path.is_symlink())
    for package in sorted({package_of(file) for file in files} - {None}):
        fields = subprocess.run(
            ["dpkg-query", "-W", "-f", FORMAT, package], capture_output=True, text=True, check=True).stdout
        name, version, source, maintainer, homepage = fields.rstrip("\n").split("\t")
        name = name.split(":")[0]
        supplier = "Organization: " + maintainer.split(" <")[0]
        # PURL wants these characters escaped.
        escaped = version.replace("+", "%2B").replace(":", "%3A").replace("~", "~")
        purl = f"pkg:deb/debian/{name}@{escaped}?arch={arch}&upstream={source}"
        yield describe(name, version, supplier, homepage, purl)


def main():
    arch, *roots = sys.argv[1:]
    roots = [root for root in dict.fromkeys(roots) if os.path.isdir(root)]
    version = re.search(r"version: '([^']+)'", (PROJECT / "meson.build").read_text()).group(1)
    kestub = describe("kestub", version, "NOASSERTION", None, None, "Apache-2.0")
    packages = [kestub, *debian_packages(arch, roots)]
    digest = hashlib.sha256(json.dumps(packages).encode()).hexdigest()
    created = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH") or 0)))
    relations = [("SPDXRef-DOCUMENT", "DESCRIBES", kestub["SPDXID"])]
    relations += [(kestub["SPDXID"], "DEPENDS_ON", other["SPDXID"]) for other in packages[1:]]
    print(json.dumps({
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"kestub-{version}-{arch}",
        "documentNamespace": f"https://kestub.invalid/sbom/{digest}",
        "creationInfo": {"created": created, "creators": ["Tool: kestub-sbom"]},
        "packages": packages,
        "relationships": [
            {"spdxElementId": a, "relationshipType": kind, "relatedSpdxElement": b} for a, kind, b in relations],
    }, indent=1))


if __name__ == "__main__":
    main()
