"""The book on one page of A4: the loss map, knobs, reductions, traps.

What the book has as a table is taken from there: the map from `lib.cases`, the rest from the chapters. Only the NLL of
one example is written here, once as TeX and once as a function, which a test compares with `lib`.
"""

import re

import nbformat
import torch
from torch.nn.functional import softplus

from lib.cases import CASES
from teaching.exports import BOOK
from tools.book import ROOT

HALF_LOG_2PI = 0.5 * torch.log(torch.tensor(2 * torch.pi, dtype=torch.float64))


def huber(u, k):
    return torch.where(u.abs() <= k, u**2 / 2, k * u.abs() - k**2 / 2)


def huber_area(k):
    inside = (2 * torch.pi) ** 0.5 * torch.erf(k / 2**0.5)
    return inside + 2 / k * (-(k**2) / 2).exp()


def log_t_area(df):
    return torch.lgamma(df / 2) - torch.lgamma((df + 1) / 2) + (df * torch.pi).log() / 2


# {case: (TeX, the same as a function of the arguments of its `nll`, in float64)}
NLL = {
    "mse": (
        r"\frac{(y-f)^2}{2\sigma^2} + \log\sigma + \frac12\log 2\pi",
        lambda f, y, std: (y - f) ** 2 / (2 * std**2) + std.log() + HALF_LOG_2PI,
    ),
    "mae": (r"\frac{\lvert y-f\rvert}{b} + \log 2b", lambda f, y, b: (y - f).abs() / b + (2 * b).log()),
    "quantile": (
        r"\max(\tau u, (\tau-1)u) + \log\frac{b}{\tau(1-\tau)}",
        lambda f, y, tau, b: torch.maximum(tau * (y - f) / b, (tau - 1) * (y - f) / b) + (b / (tau * (1 - tau))).log(),
    ),
    "huber": (
        r"\rho_k(u) + \log\sigma Z_k",
        lambda f, y, k, std: huber((y - f) / std, k) + (std * huber_area(k)).log(),
    ),
    "student_t": (
        r"\frac{\nu+1}{2}\log\bigl(1 + \frac{u^2}{\nu}\bigr) + \log s Z_\nu",
        lambda f, y, df, s: (df + 1) / 2 * (1 + ((y - f) / s) ** 2 / df).log() + s.log() + log_t_area(df),
    ),
    "heteroscedastic": (
        r"\frac{(y-f_1)^2}{2e^{f_2}} + \frac{f_2}2 + \frac12\log 2\pi",
        lambda mean, y, log_var: (y - mean) ** 2 / (2 * log_var.exp()) + log_var / 2 + HALF_LOG_2PI,
    ),
    "bce": (r"\log(1 + e^f) - yf", lambda f, y: softplus(f) - y * f),
    "ce": (r"\log\sum_k e^{f_k} - f_c", lambda f, c: f.logsumexp(1) - f[torch.arange(len(c)), c]),
    "poisson": (r"e^f - yf + \log y!", lambda f, y: f.exp() - y * f + torch.lgamma(y + 1)),
    "negative_binomial": (
        r"(y + r)\log\bigl(1 + \frac\mu r\bigr) - y\log\frac\mu r + \log\frac{\Gamma(r)\,y!}{\Gamma(y + r)}",
        lambda f, y, a: (
            (y + (-a).exp()) * (1 + (f + a).exp()).log()
            - y * (f + a)
            + torch.lgamma((-a).exp())
            + torch.lgamma(y + 1)
            - torch.lgamma(y + (-a).exp())
        ),
    ),
}

ROAD = r"""$$
\hat\theta = \arg\min_\theta\; \underbrace{-\frac1n\sum_i \log p(y_i \mid x_i, \theta)}_{\text{the loss: mean NLL}}
\;\underbrace{{}-\frac1n\log p(\theta)}_{\text{the penalty: a prior}}
\qquad
f \text{ a mean } (\sigma = 1), \text{ logit, log mean}:\;\; \frac{\partial\,\text{NLL}}{\partial f} = \text{mean} - y
\qquad
\mathbb E\,\text{NLL} = H(p) + \operatorname{KL}(p \,\Vert\, q)
$$"""

LETTERS = (
    r"$u = (y-f)/\text{scale}$; $\rho_k(u)$ is $u^2/2$ up to $|u| = k$, then $k|u| - k^2/2$; "
    r"$Z$ is the area under $e^{-\rho}$; $\mu = e^f$, $r = 1/\alpha$"
)

# (heading, page, its section, the first words of the table)
TABLES = {
    "left": [
        ("One prior, many knobs", "map_regularization", "one-prior-many-knobs", "data term + penalty"),
        ("Re-weighting", "calibration", "what-re-weighting-estimates", "what was done"),
        ("Units", "value_of_a_loss", "units-logarithms-means", "you have"),
        ("The null model", "value_of_a_loss", "is-it-good-compare-with-the-null-model", "$y$ is"),
    ],
    "right": [
        ("What the mean runs over", "loss_map", "what-the-mean-runs-over", "call, with its defaults"),
        ("Which two numbers may I compare?", "value_of_a_loss", "which-two-numbers-may-i-compare", "one of the two"),
    ],
    "below": [
        ("Defaults that change what is estimated", "loss_map", "defaults-that-change-what-is-estimated", "loss | by")
    ],
}


def table(page, first, root=ROOT):
    """The Markdown of a page's table; a row that points elsewhere on its page is left out."""
    cells = nbformat.read(root / "chapters" / f"{page}.ipynb", as_version=4).cells
    text = "\n".join(cell.source for cell in cells)
    found = re.search(rf"^\| {re.escape(first)}.*\n(?:\|.*(?:\n|$))+", text, re.M)
    if not found:
        raise ValueError(f"cheat-sheet.pdf: chapters/{page}.ipynb has no table that begins with {first!r}")
    rows = re.sub(r"[:,] see below", "", found[0]).splitlines()
    return "\n".join(row for row in rows if "{eq}" not in row and "(below)" not in row)


def the_map():
    head = (
        "| y | loss | distribution | output f | NLL of one example | PyTorch | twin elsewhere | trap |\n"
        + "|---" * 8
        + "|\n"
    )
    return head + "".join(
        f"| {' | '.join(case.row)} | ${NLL[case.name][0]}$ | `{case.pytorch}` | `{case.twin}` | {case.trap} |\n"
        for case in CASES
    )


def with_breaks(html):
    """Calls may break behind a bracket or an underscore."""
    return re.sub(r"<code>.*?</code>", lambda code: re.sub(r"([(_])", r"\1<wbr>", code[0]), html)


def body(words):
    """The page in HTML."""

    def part(heading, page, section, first):
        title = words.line(f"[{heading}]({page}.ipynb#{section})")
        return f"<section><h2>{title}</h2>{words.block(table(page, first))}</section>"

    tables = {place: "".join(part(*one) for one in parts) for place, parts in TABLES.items()}
    title, of_map = words.line(f"[{BOOK}](../index.ipynb)"), words.line("[The loss map](loss_map.ipynb)")
    return (
        f'<div class="top"><h1>{title}</h1><div>{words.block(ROAD)}</div></div>'
        f'<section class="map"><h2>{of_map} <small>{words.line(LETTERS)}</small></h2>'
        f'{with_breaks(words.block(the_map()))}</section><div class="columns"><div>{tables["left"]}</div>'
        f"<div>{tables['right']}</div></div>{tables['below']}"
    )
