"""Draw the small picture that stands for each chapter on the front page: python -m tools.thumbnails

Each is an SVG of a kilobyte: curves in the book's colours, computed here and in `lib`.
"""

import sys

import numpy as np
import torch

from lib import likelihoods
from lib.plotting import LOSS, MODEL, OTHER, TRUTH
from tools.book import ROOT

FOLDER = ROOT / "website" / "thumbnails"
WIDTH, HEIGHT, MARGIN = 160, 80, 8
U = np.linspace(-1, 1, 81)


def nll(function, f, y):
    f = torch.from_numpy(f)
    return function(f, torch.full_like(f, y), reduction="none").numpy()


def gaussian(centre=0.0, std=0.3):
    return np.exp(-(((U - centre) / std) ** 2) / 2) / std


def pictures():
    """{chapter: [(x, y, colour, dashes)]}, one entry a curve, in units of its own."""
    z = 4 * U
    theta = (U + 1) / 2
    square, circle = np.linspace(0, 2 * np.pi, 5), np.linspace(0, 2 * np.pi, 49)
    fall, k = np.exp(-3 * theta), np.arange(10.0)

    def p_of_counts(alpha):
        log_mean, log_alpha = (torch.full((10,), np.log(v), dtype=torch.float64) for v in (2.9, alpha))
        return likelihoods.negative_binomial_nll(log_mean, k, log_alpha, reduction="none").neg().exp().numpy()

    def simplex_path():
        p = np.array([0.6, 0.3, 0.1]) * np.exp(np.outer(7 * theta, [0, 0.5, 1]))
        _, b, c = (p / p.sum(1, keepdims=True)).T
        return 2 * (b + c / 2) - 1, c, MODEL, "6 4"

    return {
        "likelihood_to_loss": [(U, theta**7 * (1 - theta) ** 3, MODEL, "")],
        "value_of_a_loss": [(U, -U, LOSS, ""), (U, 0 * U, OTHER, "6 4")],
        "mse_gaussian": [(U, nll(likelihoods.gaussian_nll, z, 0.0), LOSS, "")],
        "bce_bernoulli": [
            (U, nll(likelihoods.bernoulli_nll, z, y), LOSS, dash) for y, dash in [(1.0, ""), (0.0, "6 4")]
        ],
        "ce_categorical": [(U, -np.log(np.linspace(0.03, 1, 81)), LOSS, "")],
        "counts": [
            (k, p_of_counts(dispersion), colour, dash)
            for dispersion, colour, dash in [(1.5, MODEL, ""), (1e-9, OTHER, "6 4")]
        ],
        "mae_laplace": [(U, nll(likelihoods.laplace_nll, z, 0.0), LOSS, "")],
        "robust_quantile": [
            (U, np.log1p(z**2), LOSS, ""),
            (U, np.maximum(0.8 * z, -0.2 * z), OTHER, "6 4"),
        ],
        "heteroscedastic": [
            (U, np.sin(2 * U), MODEL, ""),
            (U, np.sin(2 * U) + 0.2 + 0.5 * theta, MODEL, "2 3"),
            (U, np.sin(2 * U) - 0.2 - 0.5 * theta, MODEL, "2 3"),
        ],
        "kl_divergence": [
            (U, gaussian(-0.45, 0.18) + 0.7 * gaussian(0.45, 0.18), TRUTH, "6 4"),
            (U, 1.7 * gaussian(0, 0.5), MODEL, ""),
        ],
        "map_regularization": [
            (0.9 * np.sin(circle), 0.9 * np.cos(circle), OTHER, "6 4"),
            (np.sin(square), np.cos(square), MODEL, ""),
        ],
        "loss_map": [
            (U / 3 - 1, U**2, LOSS, ""),
            (U / 3, np.abs(U), LOSS, ""),
            (U / 3 + 1, np.log1p(np.exp(-z)) / 4, LOSS, ""),
        ],
        "training_loops": [(U, fall, MODEL, ""), (U, fall + 0.1 + 0.35 * theta**2, LOSS, "6 4")],
        "calibration": [(U, U, TRUTH, "6 4"), (U, 2 * theta / (theta + 3 * (1 - theta)) - 1, MODEL, "")],
        "no_minimum_numerics": [
            (U, fall, LOSS, ""),
            (U, fall + 0.7 * theta**2, OTHER, "6 4"),
        ],
        "after_map": [
            (U, np.exp(-2 * U) + 2 * U, LOSS, ""),
            (U, 1 + 2 * U**2, OTHER, "6 4"),
            (U, 0 * U + 2.2, TRUTH, "2 3"),
        ],
        "sequences_preferences": [
            (np.array([-1, 1, 0, -1]), np.array([0, 0, 1, 0]), OTHER, ""),
            simplex_path(),
        ],
        "not_a_likelihood": [
            (U, np.exp(-np.maximum(0, 1 - z)) + np.exp(-np.maximum(0, 1 + z)), OTHER, "6 4"),
            (U, 0 * U + 1, MODEL, ""),
        ],
        "design_a_loss": [
            (np.array([-1, -1]), np.array([0, 1.2]), MODEL, ""),
            (U, np.exp(-((np.log((U + 1.001) / 0.5) / 0.6) ** 2) / 2), MODEL, ""),
        ],
        "probabilistic_view": [(U, gaussian(), MODEL, ""), (U, 3.4 - np.minimum(U**2 / 0.18, 3.4), LOSS, "6 4")],
    }


def svg(curves):
    """One picture; all curves share one scale, which fills it."""
    ends = [(min(c[i].min() for c in curves), max(c[i].max() for c in curves)) for i in (0, 1)]

    def place(values, axis):
        share = (values - ends[axis][0]) / (ends[axis][1] - ends[axis][0])
        size = (WIDTH, HEIGHT)[axis] - 2 * MARGIN
        return MARGIN + size * (share if axis == 0 else 1 - share)

    lines = []
    for x, y, colour, dashes in curves:
        points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(place(x, 0), place(y, 1), strict=True))
        dash = f' stroke-dasharray="{dashes}"' if dashes else ""
        lines.append(f'<polyline fill="none" stroke="{colour}" stroke-width="3"{dash} points="{points}"/>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">\n' + "\n".join(lines) + "\n</svg>\n"
    )


def main():
    FOLDER.mkdir(exist_ok=True)
    for chapter, curves in pictures().items():
        (FOLDER / f"{chapter}.svg").write_text(svg(curves), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
