"""The built site in a real browser: every page, wide and narrow, light and dark, from a server and from disk.

A new chapter is covered as soon as _toc.yml names it; a new chart needs one entry in CHECKS.
"""

import html
import math
import os
import re
import subprocess
import sys
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import nbformat
import numpy as np
import pytest
import torch
import yaml
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from scipy import integrate, special
from sklearn.linear_model import Lasso, LinearRegression, QuantileRegressor, Ridge

from lib import datasets, likelihoods
from tools.gzip_server import serve
from website.head import pages_url
from website.repository import repository_url

ROOT = Path(__file__).resolve().parent.parent
REPOSITORY = "someone/a-fork"
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 375, "height": 700}


def pages_of(toc):
    """The pages that a table of contents names, in reading order."""
    if isinstance(toc, list):
        return [page for part in toc for page in pages_of(part)]
    own = [toc[key] for key in ("root", "file") if key in toc]
    return own + [page for key in ("parts", "chapters", "sections") for page in pages_of(toc.get(key, []))]


PAGES = pages_of(yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8")))

# --- what every chart must show, computed by `lib` from the values of its sliders --------------------------------


def number(value, decimals):
    """A number as Vega prints it, with a real minus sign."""
    return f"{float(value):.{decimals}f}".replace("-", "−")


def coin(theta):
    y = torch.tensor([1.0] * 7 + [0.0] * 3, dtype=torch.float64)
    logits = torch.logit(torch.tensor(theta, dtype=torch.float64)).expand(10)
    total = likelihoods.bernoulli_nll(logits, y, reduction="sum")
    return [
        f"likelihood = {number(torch.exp(-total), 6)}",
        f"log-likelihood = {number(-total, 4)} nats",
        f"mean NLL = {number(total / 10, 4)} nats",
    ]


def line_and_noise(slope, intercept, std):
    x, y = (torch.from_numpy(np.round(v.numpy(), 2)) for v in datasets.line(np.random.default_rng(4), 12))
    mean = intercept + slope * x
    return [
        f"MSE = {number(torch.nn.functional.mse_loss(mean, y), 4)}",
        f"mean NLL = {number(likelihoods.gaussian_nll(mean, y, std), 4)} nats",
    ]


def logit(logit):
    z = torch.tensor(logit, dtype=torch.float64, requires_grad=True)
    lines = [f"p = sigmoid(z) = {number(torch.sigmoid(z.detach()), 4)}"]
    for label in (1, 0):
        nll = likelihoods.bernoulli_nll(z, torch.tensor(float(label), dtype=torch.float64))
        (gradient,) = torch.autograd.grad(nll, z)
        lines.append(f"if y = {label}: loss {number(nll.detach(), 4)} nats, gradient {number(gradient, 4)}")
    return lines


def noise_band(intercept, slope):
    x = torch.linspace(0.1, 3.9, 20, dtype=torch.float64)
    mean, std = 2 * torch.sin(1.5 * x), 0.2 + 0.3 * x
    y = mean + std * torch.from_numpy(np.random.default_rng(4).standard_normal(20))
    x, y, mean = (torch.from_numpy(np.round(values.numpy(), 2)) for values in (x, y, mean))
    std = intercept + slope * x
    nll = likelihoods.heteroscedastic_nll(mean, y, 2 * std.log())
    return [f"mean NLL = {number(nll, 4)} nats", f"mean z² = {number(((y - mean) / std).square().mean(), 4)}"]


def outlier(wild_y, wild_x):
    few = np.random.default_rng(8)
    x = np.sort(few.uniform(0, 4, 9))
    y = np.append(np.round(2 + x + few.laplace(0, 0.5, 9), 2), wild_y)
    x = np.append(np.round(x, 2), wild_x)
    median, mean = QuantileRegressor(alpha=0).fit(x[:, None], y), LinearRegression().fit(x[:, None], y)
    lines = []
    for name, fit in [("solid, median fit", median), ("dash-dot, mean fit", mean)]:
        mae = likelihoods.laplace_nll(fit.predict(x[:, None]), y) - math.log(2)
        lines.append(f"{name}: slope {number(fit.coef_[0], 2)}, MAE {number(mae, 3)}")
    return lines


def cross_entropy(q, p):
    p, q = torch.tensor([p, q], dtype=torch.float64)
    both = [likelihoods.bernoulli_nll(torch.logit(x), p) for x in (p, q)]
    lines = [("entropy H(p)", both[0]), ("KL(p‖q)", both[1] - both[0]), ("cross-entropy H(p, q)", both[1])]
    return [f"{label} = {number(value, 4)} nats" for label, value in lines]


def softmax(z_a, z_b, z_c, temperature):
    z = torch.tensor([z_a, z_b, z_c], dtype=torch.float64) / temperature
    nll = likelihoods.categorical_nll(z.expand(3, 3), torch.arange(3), reduction="none")
    return [
        f"{name}: " + ", ".join(f"{k} {number(value, 4)}" for k, value in zip("ABC", values, strict=True))
        for name, values in [("p", torch.exp(-nll)), ("NLL", nll)]
    ]


def posterior(prior, scale):
    """The MAP by scikit-learn's own solvers; its alpha is the prior's for σ = 1 and 8 examples."""
    few = np.random.default_rng(2).standard_normal((2, 8))
    x = np.column_stack([few[0], 0.6 * few[0] + 0.8 * few[1]])
    y = np.round(x @ [1.5, 0.4] + np.random.default_rng(16).standard_normal(8), 2)
    x = np.round(x, 2)
    if prior == "Gaussian":
        name, model = "Ridge", Ridge(alpha=1 / scale**2, fit_intercept=False)
    else:
        name, model = "Lasso", Lasso(alpha=1 / (8 * scale), fit_intercept=False, tol=1e-12)
    w = model.fit(x, y).coef_
    return [
        f"w₁ = {number(w[0], 4)}, w₂ = {number(w[1], 4)}",
        f"mean NLL there = {number(likelihoods.gaussian_nll(x @ w, y), 4)} nats",
        f"{name}(alpha={number(model.alpha, 4)})",
    ]


def prior_knob(convention, sigma, n, scale, knob):
    """The table of the chapter, written once more, as a function of the prior's strength 1/τ² or 1/b."""
    factor = {
        "ΣNLL + (λ/2)‖w‖²": 1,
        "mean NLL + (λ/2)‖w‖²": 1 / n,
        "Ridge alpha": sigma**2,
        "MSELoss + α‖w‖²": sigma**2 / n,
        "LogisticRegression C, L2": 1,
        "weight_decay on MSELoss": 2 * sigma**2 / n,
        "weight_decay on mean BCE, CE": 1 / n,
        "ΣNLL + λ‖w‖₁": 1,
        "mean NLL + λ‖w‖₁": 1 / n,
        "Σr² + α‖w‖₁": 2 * sigma**2,
        "MSELoss + α‖w‖₁": 2 * sigma**2 / n,
        "Lasso alpha": sigma**2 / n,
        "LogisticRegression C, L1": 1,
    }[convention]
    laplace = "‖₁" in convention or convention in ("Lasso alpha", "LogisticRegression C, L1")
    letter, power, quantile = ("b", 1, math.log(20)) if laplace else ("τ", 2, 1.959964)
    wanted = factor / scale**power
    strength = knob
    if "C," in convention:
        wanted, strength = 1 / wanted, 1 / knob
    implied = (factor / strength) ** (1 / power)
    shown = partial(np.format_float_positional, precision=4, fractional=False, trim="-")
    return [
        f"{letter} = {shown(scale)}  →  knob = {shown(wanted)}",
        f"knob = {shown(knob)}  →  {letter} = {shown(implied)}",
        f"that is, 95 % of weights within ±{shown(quantile * implied)}",
    ]


def loss_picker(pick, f):
    """NLL and gradient for one example with y = 1, or class 0 of three whose other logits are 0."""
    f = torch.tensor([f], dtype=torch.float64, requires_grad=True)
    y, zero = torch.ones_like(f), torch.zeros_like(f)
    huber_normaliser, _ = integrate.quad(lambda u: math.exp(-special.huber(1.345, u)), -np.inf, np.inf)
    nll = {
        "mse": lambda: likelihoods.gaussian_nll(f, y),
        "mae": lambda: likelihoods.laplace_nll(f, y),
        "quantile": lambda: torch.maximum(0.9 * (y - f), 0.1 * (f - y)) - math.log(0.9 * 0.1),
        "huber": lambda: torch.nn.functional.huber_loss(f, y, delta=1.345) + math.log(huber_normaliser),
        "heteroscedastic": lambda: likelihoods.heteroscedastic_nll(zero, y, f),
        "bce": lambda: likelihoods.bernoulli_nll(f, y),
        "ce": lambda: likelihoods.categorical_nll(torch.stack([f, zero, zero], dim=1), torch.tensor([0])),
        "poisson": lambda: -torch.distributions.Poisson(f.exp()).log_prob(y),
    }[pick]()
    (gradient,) = torch.autograd.grad(nll, f)
    return [f"loss {number(nll.detach(), 4)} nats, gradient {number(gradient, 4)}"]


CHECKS = {
    "coin": coin,
    "cross_entropy": cross_entropy,
    "line_and_noise": line_and_noise,
    "logit": logit,
    "noise_band": noise_band,
    "loss_picker": loss_picker,
    "outlier": outlier,
    "softmax": softmax,
    "posterior": posterior,
    "prior_knob": prior_knob,
}

# --- the site and the browser ------------------------------------------------------------------------------------


def build(source, target, **environment):
    """Build a book into `target`; return the finished process. No CI variable of this machine reaches it."""
    ci = ("GITHUB_REPOSITORY", "GITHUB_SERVER_URL", "CI_PROJECT_URL", "CI_PAGES_URL")
    jupyter_book = Path(sys.executable).with_name("jupyter-book")
    return subprocess.run(
        [jupyter_book, "build", source, "--path-output", target, "--all", "-n", "-W", "--keep-going", "-q"],
        capture_output=True,
        encoding="utf-8",
        env={key: value for key, value in os.environ.items() if key not in ci} | environment,
    )


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """The finished process that built the site, and the folder of the site."""
    target = tmp_path_factory.mktemp("site")
    return build(ROOT, target, GITHUB_REPOSITORY=REPOSITORY), target / "_build" / "html"


@pytest.fixture(scope="session")
def site(built):
    """The folder of the built site; it is complete even when the build had warnings."""
    return built[1]


@pytest.fixture(scope="session")
def server(site):
    with serve(site) as address:
        yield address


@pytest.fixture
def open_page(browser):
    """A function that opens an address; when the test is over, nothing may have gone wrong on its pages."""
    problems, contexts = [], []

    def open_page(address, **options):
        host = urlsplit(address).netloc

        def on_request(request):
            if urlsplit(request.url).netloc != host and not request.url.startswith("data:"):
                problems.append(f"asks another host: {request.url}")

        context = browser.new_context(**{"viewport": WIDE, "reduced_motion": "reduce", "offline": not host, **options})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("request", on_request)
        page.on("requestfailed", lambda request: problems.append(f"failed: {request.url}"))
        page.on("response", lambda answer: answer.ok or problems.append(f"{answer.status}: {answer.url}"))
        page.on("pageerror", lambda error: problems.append(f"script error: {error}"))
        page.on(
            "console",
            lambda message: message.type in ("error", "warning") and problems.append(f"console: {message.text}"),
        )
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not problems


def draw_charts(page):
    """Bring every chart into view, wait until it is drawn, and return the charts."""
    charts = page.locator(".chart").all()
    for chart in charts:
        chart.scroll_into_view_if_needed()
        expect(chart.locator("svg.marks")).to_be_visible()
    return charts


def moves(control):
    """What a reader does with a slider, a number box or a menu, which is left at its first choice."""
    if control.get_attribute("type") == "range":
        return [partial(control.press, key) for key in ("PageUp", "ArrowRight")]
    if control.get_attribute("type") == "number":
        return [partial(control.fill, text) for text in ("0.2", "7")]
    options = control.locator("option").all()
    return [partial(control.select_option, o.get_attribute("value")) for o in options] + [
        partial(control.select_option, control.input_value())
    ]


def value(control):
    text = control.input_value()
    return float(text) if control.get_attribute("type") in ("range", "number") else text


def raw_tex(page):
    """TeX that a reader would see, outside of code."""
    text = page.evaluate(
        """() => {
            const main = document.querySelector("main").cloneNode(true);
            main.querySelectorAll("pre, code, script").forEach((element) => element.remove());
            return main.textContent;
        }"""
    )
    return re.findall(r"\$\$.*|\\[a-zA-Z(\[].*", text)


def axe(page, context=None, **options):
    """What axe finds wrong with the page, as text."""
    result = Axe().run(page, context=context, options={"resultTypes": ["violations"], **options})
    return result.generate_report() if result.violations_count else ""


def overflow(page):
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


# --- tests -------------------------------------------------------------------------------------------------------


def test_the_site_builds_without_warnings(built):
    process, _ = built
    assert process.returncode == 0, process.stderr


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("name", [*PAGES, "search"])
def test_page(open_page, server, name, viewport):
    page = open_page(f"{server}{name}.html", viewport=viewport)
    draw_charts(page)
    assert not raw_tex(page)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        expect(page.locator("html")).to_have_attribute("data-theme", scheme)
        assert overflow(page) == 0
        # Colours do not depend on the width, and looking at them takes most of the time. Those of code, the same on
        # every page, have a test of their own.
        if (viewport is WIDE) == (scheme == "light"):
            violations = axe(page, context={"exclude": ["pre"]})
        else:
            violations = axe(page, rules={"color-contrast": {"enabled": False}})
        assert not violations, violations


def test_colours_of_code(open_page, server):
    page = open_page(f"{server}{next(name for name in PAGES if name.startswith('chapters/'))}.html")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        violations = axe(page, context={"include": ["pre"]}, runOnly=["color-contrast"])
        assert not violations, violations


@pytest.mark.parametrize("name", PAGES)
def test_page_from_disk(open_page, site, name):
    page = open_page((site / f"{name}.html").as_uri(), viewport=PHONE)
    draw_charts(page)
    assert page.evaluate("document.fonts.ready.then(() => [...document.fonts].every((f) => f.status != 'error'))")


@pytest.mark.parametrize("name", PAGES)
def test_page_without_javascript(open_page, server, site, name):
    html = (site / f"{name}.html").read_text(encoding="utf-8")
    page = open_page(f"{server}{name}.html", java_script_enabled=False, viewport=PHONE)
    formulas = page.locator("mjx-container")
    assert formulas.count() == html.count("<mjx-container")
    if formulas.count():
        assert formulas.first.bounding_box()["width"] > 5
    for chart in page.locator(".chart").all():
        expect(chart.locator("noscript p")).to_contain_text("needs JavaScript")


@pytest.mark.parametrize("name", PAGES)
def test_charts_show_what_lib_computes(open_page, server, name):
    page = open_page(f"{server}{name}.html")
    for chart in draw_charts(page):
        expected = CHECKS[chart.get_attribute("id").removeprefix("chart-")]
        controls = chart.locator(".chart-controls").locator("input, select").all()
        for control in controls:
            shown = {chart.locator("svg").text_content()}
            for move in moves(control):
                move()
                for line in expected(**{c.get_attribute("name"): value(c) for c in controls}):
                    expect(chart).to_contain_text(line)
                shown.add(chart.locator("svg").text_content())
            assert len(shown) > 1


@pytest.mark.parametrize("place", ["server", "disk"])
def test_search_finds_a_term(open_page, server, site, place):
    root = server if place == "server" else site.as_uri() + "/"
    page = open_page(f"{root}index.html")
    page.keyboard.press("Control+k")
    page.locator("input[type=search]:focus").fill("likelihood")
    page.keyboard.press("Enter")
    result = page.locator("#search-results li a").first
    expect(result).to_be_visible()
    result.click()
    expect(page.locator("article")).to_contain_text("ikelihood")


def test_a_term_shows_its_definition(site):
    pages = "".join(page.read_text(encoding="utf-8") for page in site.glob("chapters/*.html"))
    link = r'<a [^>]*glossary\.html#term-([\w-]+)"(?: title="([^"]*)")?><span class="xref std std-term"'
    links = re.findall(link, pages)
    assert len(links) > 100
    glossary = re.sub(r"\*|['’]", "", (ROOT / "glossary.md").read_text(encoding="utf-8"))
    for term, title in links:
        definition = re.sub("['’]", "", html.unescape(title)).translate({ord(quote): '"' for quote in "“”"})
        assert len(definition) > 20 and f"\n  {definition}\n" in glossary, term
    assert dict(links)["efficiency"].startswith("Of an estimator A")


def test_no_page_names_a_cdn(site):
    for page in site.rglob("*.html"):
        assert not re.search(r"jsdelivr|unpkg|cdnjs|googleapis|mathjax.*\.js", page.read_text(encoding="utf-8")), page


@pytest.mark.parametrize("name", [page for page in PAGES if "/" in page])
def test_launch_button_opens_the_notebook_in_the_fork(site, name):
    (url,) = set(re.findall(r'https://mybinder\.org[^"]*', (site / f"{name}.html").read_text(encoding="utf-8")))
    prefix = f"https://mybinder.org/v2/gh/{REPOSITORY}/HEAD?urlpath=lab/tree/"
    assert url.startswith(prefix)
    assert (ROOT / url.removeprefix(prefix)).is_file()


@pytest.mark.parametrize(
    ("remote", "url"),
    [
        ("git@github.com:someone/book.git", "https://github.com/someone/book"),
        ("https://gitlab.com/group/part/book", "https://gitlab.com/group/part/book"),
        ("/somewhere/on/this/disk", None),
        (None, None),
    ],
)
def test_repository_is_the_git_remote(tmp_path, monkeypatch, remote, url):
    for variable in ("GITHUB_REPOSITORY", "CI_PROJECT_URL"):
        monkeypatch.delenv(variable, raising=False)
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    if remote:
        subprocess.run(["git", "-C", tmp_path, "remote", "add", "origin", remote], check=True)
    assert repository_url(tmp_path) == url


def test_a_failing_formula_stops_the_build(tmp_path):
    (tmp_path / "_config.yml").write_text((ROOT / "_config.yml").read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: index\n")
    (tmp_path / "references.bib").touch()
    (tmp_path / "website" / "static").mkdir(parents=True)
    (tmp_path / "website" / "static" / "favicon.svg").touch()
    (tmp_path / "index.md").write_text("# A page\n\nRight: $\\theta$. Wrong: $\\thta$.\n")
    result = build(tmp_path, tmp_path)
    assert result.returncode != 0
    assert "index.md: Undefined control sequence \\thta" in result.stdout + result.stderr


def only_letters(text, is_html=False):
    """Without tags, quotes, white space and whatever else differs between a notebook, a page and JSON."""
    if is_html:
        text = html.unescape(re.sub(r"<[^>]*>", "", text))
    return re.sub(r"\\n|\W", "", text)


def test_no_answer_and_no_hidden_test_is_on_the_site(site):
    secret = "\n".join(
        region
        for path in ROOT.glob("solutions/*/*.ipynb")
        for cell in nbformat.read(path, as_version=4).cells
        for region in re.findall(r"BEGIN (?:SOLUTION|HIDDEN TESTS)(.*?)END ", cell.source, re.S)
    )
    lines = {only_letters(line) for line in secret.splitlines()}
    notebooks = [*ROOT.glob("chapters/*.ipynb"), *ROOT.glob("exercises/*/*.ipynb")]
    public = "".join(only_letters(path.read_text(encoding="utf-8")) for path in notebooks)
    secrets = {line for line in lines if len(line) > 25 and line not in public}
    assert len(secrets) > 200
    for path in site.rglob("*"):
        if path.suffix in (".html", ".ipynb", ".js", ".txt", ".md", ".json"):
            text = only_letters(path.read_text(encoding="utf-8"), path.suffix == ".html")
            found = [secret for secret in secrets if secret in text]
            assert not found, f"{path.name} gives away {found[0]}"
    assert "solutions" not in (site / "searchindex.js").read_text(encoding="utf-8").split("titles")[0]


@pytest.mark.parametrize("name", PAGES)
def test_page_says_what_it_is(site, name):
    page = (site / f"{name}.html").read_text(encoding="utf-8")
    address = f"https://someone.github.io/a-fork/{name}.html"
    assert f'<link rel="canonical" href="{address}" />' in page
    (about,) = re.findall(r'<meta name="description" content="([^"]+)" />', page)
    assert 20 < len(html.unescape(about)) <= 162
    assert f'<meta property="og:url" content="{address}" />' in page
    assert (site / "_static" / "card.png").stat().st_size > 5000
    for picture in re.findall(r"<img [^>]*_images/[^>]*>", page):
        for attribute in (r'alt="[^"]{10,}', r'width="\d+"', r'height="\d+"', 'loading="lazy"', 'decoding="async"'):
            assert re.search(f" {attribute}", picture), picture
    assert re.search(r'<link rel="icon" href="[^"]*_static/favicon.svg"', page)
    assert re.search(r'<img [^>]*src="[^"]*_static/favicon.svg"[^>]*class="logo', page), "no logo in the sidebar"
    assert all("defer" in script for script in re.findall(r"<script [^>]*src=[^>]*>", page))
    assert ('class="left-prev"' in page, 'class="right-next"' in page) == (name != PAGES[0], name != PAGES[-1])
    if "/" in name:
        assert re.search(rf'href="[^"]*_sources/{name}.ipynb"', page), "no download of the notebook"
        assert (site / "_sources" / f"{name}.ipynb").is_file()


@pytest.mark.parametrize(
    ("environment", "url"),
    [
        ({"GITHUB_REPOSITORY": "someone/book"}, "https://someone.github.io/book/"),
        ({"GITHUB_REPOSITORY": "Someone/someone.github.io"}, "https://someone.github.io/"),
        ({"CI_PAGES_URL": "https://group.gitlab.io/book"}, "https://group.gitlab.io/book/"),
        ({"CI_PROJECT_URL": "https://git.example.org/group/book"}, None),
        ({}, None),
    ],
)
def test_where_the_pages_are(tmp_path, monkeypatch, environment, url):
    for variable in ("GITHUB_REPOSITORY", "CI_PROJECT_URL", "CI_PAGES_URL"):
        monkeypatch.delenv(variable, raising=False)
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)
    assert pages_url(tmp_path) == url


def test_a_missing_page_leads_back(browser, site, tmp_path):
    (tmp_path / "a-fork").symlink_to(site)
    (tmp_path / "404.html").symlink_to(site / "404.html")
    with serve(tmp_path) as address:
        page = browser.new_page()
        assert page.goto(f"{address}a-fork/chapters/no_such_page.html").status == 404
        expect(page.locator("h1")).to_have_text("This page does not exist")
        assert not axe(page)
        page.get_by_text("Start at the first page").click()
        expect(page).to_have_url(f"{address}a-fork/index.html")
        page.close()


def test_keyboard_reaches_a_slider_and_a_dropdown(open_page, server):
    page = open_page(f"{server}chapters/bce_bernoulli.html")
    draw_charts(page)
    for target in ("input[type=range]", "details.admonition > summary"):
        page.evaluate("target => { const e = document.querySelector(target); window.wanted = e; }", target)
        for _ in range(300):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement === window.wanted"):
                break
        else:
            pytest.fail(f"the Tab key does not reach {target}")
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid"
    page.keyboard.press("Enter")
    expect(page.locator("details.admonition").first).to_have_attribute("open", "")


def test_the_copy_button_copies_the_cell(open_page, server):
    page = open_page(f"{server}chapters/bce_bernoulli.html", permissions=["clipboard-read", "clipboard-write"])
    cell = page.locator("div.highlight:has(.copybtn)").first
    cell.hover()
    cell.locator(".copybtn").click()
    copied = page.wait_for_function("navigator.clipboard.readText()").json_value()
    assert copied.strip() == cell.locator("pre").text_content().strip()


def test_a_printed_page_is_a_handout(open_page, server):
    page = open_page(f"{server}chapters/bce_bernoulli.html")
    page.emulate_media(media="print")
    for gone in (".bd-sidebar-primary", ".bd-header-article", ".prev-next-footer", ".copybtn", "details.admonition"):
        expect(page.locator(gone).first).to_be_hidden()
    expect(page.locator("h1").first).to_be_visible()
    expect(page.locator("figure img").first).to_be_visible()
