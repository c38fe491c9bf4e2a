"""Buttons to the repository that the site is built from, so that a fork's buttons open the fork.

The repository is known, or it is not: an address that is not certain gives no buttons.
"""

import os
import re
import subprocess
from urllib.parse import urlsplit

# A host's names over https and ssh, and how many parts a repository's path has there at most.
HOSTS = {"github.com": ("github.com", 2), "ssh.github.com": ("github.com", 2), "www.github.com": ("github.com", 2)}
HOSTS |= {"gitlab.com": ("gitlab.com", 21), "altssh.gitlab.com": ("gitlab.com", 21)}  # groups of groups
SCP = re.compile(r"(?:[\w.-]+@)?(?P<host>[\w.-]+):(?!//)(?P<path>.+)")  # git@github.com:owner/name.git
PART = re.compile(r"[\w.-]+", re.ASCII)


def web_address(remote):
    """The https address of the repository that a git remote names, None where its host or its path is not known."""
    remote = remote.strip()
    if scp := SCP.fullmatch(remote):
        remote = f"ssh://{scp['host']}/{scp['path']}"
    try:
        url = urlsplit(remote)
        _ = url.port  # raises where it is no number
    except ValueError:
        return None
    host = url.hostname or ""
    if url.scheme in ("ssh", "git+ssh"):  # github.com-work, the usual name for a second key in ~/.ssh/config
        host = re.sub(r"^(github|gitlab)\.com-[\w-]+$", r"\1.com", host)
    if url.scheme not in ("https", "http", "ssh", "git", "git+ssh") or host not in HOSTS:
        return None
    host, most = HOSTS[host]
    parts = url.path.strip("/").removesuffix(".git").strip("/").split("/")
    if not 2 <= len(parts) <= most or not all(PART.fullmatch(part) and part.strip(".") for part in parts):
        return None
    return f"https://{host}/{'/'.join(parts)}"


def git(folder, *arguments):
    """What git says, or nothing: it may not be installed, and the folder need not be a repository."""
    try:
        done = subprocess.run(
            ["git", "-C", folder, *arguments], capture_output=True, encoding="utf-8", errors="replace"
        )
    except OSError:
        return ""
    return done.stdout.strip()


def repository_url(folder):
    """The web address of the repository whose root is `folder`: as CI names it, else by its remote; or None."""
    if git(folder, "rev-parse", "--show-prefix"):  # the book lies inside a repository that is about something else
        return None
    if name := os.environ.get("GITHUB_REPOSITORY"):
        return f"{os.environ.get('GITHUB_SERVER_URL', 'https://github.com')}/{name}"
    if url := os.environ.get("CI_PROJECT_URL"):  # GitLab
        return url
    return web_address(git(folder, "remote", "get-url", "origin"))


def set_launch_buttons(app, config):
    options = config.html_theme_options
    url = repository_url(app.confdir)
    options["repository_url"] = url or ""
    options["repository_branch"] = "HEAD"
    for button in ("use_repository_button", "use_issues_button", "use_edit_page_button"):
        options[button] = bool(url)
    options["launch_buttons"] = (
        {"binderhub_url": "https://mybinder.org", "notebook_interface": "jupyterlab"} if url else {}
    )


def setup(app):
    app.connect("config-inited", set_launch_buttons)
