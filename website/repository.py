"""Launch buttons open the repository that the site is built from, so that a fork's buttons open the fork."""

import os
import re
import subprocess


def repository_url(folder):
    """The web address of the repository that CI names, else that of the git remote; None where neither is known."""
    if name := os.environ.get("GITHUB_REPOSITORY"):
        return f"{os.environ.get('GITHUB_SERVER_URL', 'https://github.com')}/{name}"
    if url := os.environ.get("CI_PROJECT_URL"):  # GitLab
        return url
    git = subprocess.run(
        ["git", "-C", folder, "remote", "get-url", "origin"], capture_output=True, text=True, check=False
    )
    remote = re.search(r"(github|gitlab)\.com[:/](.+?)(\.git)?$", git.stdout.strip())
    return f"https://{remote[1]}.com/{remote[2]}" if remote else None


def set_launch_buttons(app, config):
    options = config.html_theme_options
    url = repository_url(app.confdir)
    options["repository_url"] = url or ""
    options["repository_branch"] = "HEAD"
    options["use_repository_button"] = bool(url)
    options["launch_buttons"] = (
        {"binderhub_url": "https://mybinder.org", "notebook_interface": "jupyterlab"} if url else {}
    )


def setup(app):
    app.connect("config-inited", set_launch_buttons)
