import os
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

# One that is not given is new every time.
SEED = int(os.environ.get("KESTUB_MODEL_SEED") or random.randrange(1_000_000))


def pytest_report_collectionfinish():
    return f"KESTUB_MODEL_SEED={SEED}"
