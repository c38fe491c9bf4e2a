"""The look of the book's figures, and the figures that recur.

Colours are Okabe and Ito's, readable with colour-vision deficiency, and mean one thing all book long:
data black dots, model and likelihood blue, loss vermillion, truth green dashed, alternative purple dash-dot.
"""

import gc

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from IPython import get_ipython
from matplotlib_inline.backend_inline import set_matplotlib_formats

DATA = "#000000"
MODEL = "#0072B2"
LOSS = "#D55E00"
TRUTH = "#009E73"
OTHER = "#CC79A7"


def use_style():
    """Set size, resolution, colours and fonts for every figure of a notebook."""
    mpl.rcParams.update(
        {
            "figure.figsize": (6.0, 3.8),
            "figure.dpi": 110,
            "figure.facecolor": "white",
            "figure.constrained_layout.use": True,
            "savefig.facecolor": "white",
            "font.size": 11.6,  # 9 px on a phone
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.prop_cycle": mpl.cycler(color=[MODEL, LOSS, TRUTH, OTHER]),
            "legend.frameon": False,
            "lines.linewidth": 1.8,
        }
    )
    gc.freeze()  # what is imported by now stays, and need not be walked through again: a tenth of a chapter's time
    if get_ipython():  # twice as many pixels at the same size; packed in haste, as tools/refresh.py packs them again
        set_matplotlib_formats("retina", pil_kwargs={"compress_level": 1})


def density_and_loss(y, log_densities, *, xlabel="y", ylabel="density p(y)"):
    """Draw densities and, under them, the losses that they are: -log p, in nats.

    Parameters
    ----------
    y : array, shape (m,), where they are drawn
    log_densities : dict {label: array, shape (m,), log p at `y`}; at most four, told apart by colour and dashes
    xlabel, ylabel : str, with the unit where there is one

    Returns
    -------
    The two axes, the density's first
    """
    figure, axes = plt.subplots(2, 1, sharex=True, figsize=(6.0, 5.4))
    dashes = ["-", "--", "-.", ":"]
    for (label, log_p), dash in zip(log_densities.items(), dashes, strict=False):
        log_p = np.asarray(log_p)
        axes[0].plot(y, np.exp(log_p), dash, color=MODEL, label=label)
        axes[1].plot(y, -log_p, dash, color=LOSS, label=label)
    axes[0].set(ylabel=ylabel)
    axes[1].set(xlabel=xlabel, ylabel="loss −log p (nats)")
    axes[0].legend()
    figure.align_ylabels()
    return axes


def residual_qq(residuals, std, unit):
    """Draw residuals against the quantiles of N(0, std²).

    Parameters
    ----------
    residuals : array, shape (n,), in the units of the target
    std : float > 0, the standard deviation of the Gaussian that is compared, same units
    unit : str, the unit of the target, for the axis labels
    """
    from scipy import special  # here, so that the chapters without this figure start faster

    residuals = np.sort(np.asarray(residuals))
    n = len(residuals)
    theory = std * special.ndtri((np.arange(1, n + 1) - 0.5) / n)
    _, ax = plt.subplots()
    ax.plot(theory, residuals, "o", color=DATA, markersize=3, label="residuals")
    ax.plot(theory, theory, color=MODEL, label="exactly Gaussian")
    ax.set(xlabel=f"quantile of the fitted Gaussian ({unit})", ylabel=f"residual quantile ({unit})")
    ax.legend()
