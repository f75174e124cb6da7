"""Prometheus reads the metrics: its Python parser, and promtool where it is installed."""
import shutil
import subprocess
import urllib.error
import urllib.request

import pytest
from prometheus_client.parser import text_string_to_metric_families


@pytest.fixture
def metrics(start):
    kestub = start()
    for path in ("/health", "/api/v1/me", "/nothing"):
        try:
            urllib.request.urlopen(kestub.url + path).close()
        except urllib.error.HTTPError as refusal:
            refusal.close()
    with urllib.request.urlopen(f"{kestub.url}/__admin/metrics") as answer:
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        return answer.read().decode()


def test_the_parser_finds_what_was_asked(metrics):
    families = {family.name: family for family in text_string_to_metric_families(metrics)}
    requests = {(s.labels["operation"], s.labels["status"]): s.value for s in families["kestub_requests"].samples}
    assert requests == {("getHealth", "200"): 1, ("getCurrentUser", "401"): 1, ("unknown", "404"): 1}
    durations = families["kestub_request_duration_seconds"]
    assert durations.type == "histogram"
    buckets = [s.value for s in durations.samples if s.name.endswith("_bucket")]
    assert buckets == sorted(buckets) and buckets[-1] == 3
    assert families["kestub_memory_resident_bytes"].samples[0].value > 1 << 20
    assert all(family.documentation for family in families.values())


def test_promtool_has_no_complaint(metrics):
    promtool = shutil.which("promtool")
    if not promtool:
        pytest.skip("there is no promtool")
    done = subprocess.run([promtool, "check", "metrics"], input=metrics, capture_output=True, text=True)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
