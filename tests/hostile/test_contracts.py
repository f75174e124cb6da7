"""Schemathesis makes requests from both contracts, right ones and wrong ones, and compares the answers
with them. The server runs under sanitizers."""
import pathlib
import re
import signal
import subprocess
import sys

import pytest

from kestub import ROOT
from launch import Launched

BINARY = ROOT / "build-address-undefined/kestub"
SCHEMATHESIS = pathlib.Path(sys.executable).with_name("schemathesis")
TOKEN = "Authorization: Bearer KESTUB-root-token-for-tests-only-0123456789"
# kestub refuses more than a schema can say, such as a group that is not there. And a path with a
# fixed segment, as /tenants/search, is also one with a parameter, as /tenants/{id}, so more
# methods are allowed there than the contract has below that path.
LEFT_OUT = "positive_data_acceptance,allow_header_conformance"
# The contracts are texts to a client, but Schemathesis parses them. The others end the server, and never end.
NOT_CALLED = ["getContract", "getAdminContract", "shutDown", "getEvents"]


@pytest.mark.parametrize(
    "contract, options",
    [("{url}/openapi.yaml", ["--header", TOKEN]), (ROOT / "schema/admin.yaml", [])],
    ids=["api", "admin"],
)
def test_the_contract_holds(request, tmp_path, figure, seed, contract, options):
    is_long = request.config.getoption("--long")
    examples = 2000 if is_long else 10
    server = Launched(tmp_path, "--max-sandboxes", "100000", binary=BINARY)
    done = subprocess.run(
        [
            SCHEMATHESIS,
            "run",
            str(contract).format(url=server.url),
            f"--url={server.url}",
            f"--max-examples={examples}",
            f"--seed={seed}",
            f"--exclude-checks={LEFT_OUT}",
            *(f"--exclude-operation-id={name}" for name in NOT_CALLED),
            "--suppress-health-check=all",
            "--continue-on-failure",
            "--warnings=off",
            "--no-color",
            *options,
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    code = server.end(signal.SIGTERM)
    assert code == 0, server.log.read_text()
    assert done.returncode == 0, done.stdout + done.stderr
    figure(re.search(r"\d+ generated, .*", done.stdout)[0] + f"; seed {seed}")
