"""Debian's Chromium, for the suites that look at pages."""
import contextlib
import os
import pathlib

import pytest

CHROMIUM = pathlib.Path("/usr/bin/chromium")


@contextlib.contextmanager
def launched(*arguments):
    """Runs a browser. Skips where there is none, and fails in CI."""
    if not CHROMIUM.exists():
        if os.environ.get("CI") == "true":
            pytest.fail("there is no Chromium", pytrace=False)
        pytest.skip("there is no Chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", *arguments])
        yield browser
        browser.close()
