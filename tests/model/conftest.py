import os
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

# Without a given seed, each run has a new one.
SEED = int(os.environ.get("KESTUB_MODEL_SEED") or random.randrange(1_000_000))


def pytest_report_collectionfinish():
    return f"KESTUB_MODEL_SEED={SEED}"
