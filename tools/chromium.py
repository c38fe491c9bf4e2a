"""Find a Chromium for the browser tests; run as a script, get one when there is none."""

import os
import shutil
import subprocess
import sys

from playwright.sync_api import sync_playwright

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


def find():
    """The path of a Chromium that starts: from PATH, else Playwright's own; None where there is none."""
    with sync_playwright() as playwright:
        candidates = [*map(shutil.which, NAMES), playwright.chromium.executable_path]
    return next((path for path in candidates if path and starts(path)), None)


def starts(path):
    try:
        return subprocess.run([path, "--version"], capture_output=True, timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def get():
    """Install Playwright's Chromium, and where it does not come or not start, the one of Debian or Ubuntu."""
    print("No Chromium on this machine: trying to get one for the browser tests ...")
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"])
    if not find() and shutil.which("apt-get") and os.geteuid() == 0:
        subprocess.run(["apt-get", "update", "-qq"])
        subprocess.run(["apt-get", "install", "-y", "-qq", "chromium"])
    return find()


if __name__ == "__main__":
    path = find() or get()
    print(f"Browser tests run in {path}" if path else "No Chromium can be had here: the browser tests will be skipped")
