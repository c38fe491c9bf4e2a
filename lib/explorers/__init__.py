"""Interactive charts (Vega-Altair 5), one module each. Everything a slider changes is computed in the reader's browser.

Each function returns one chart: fixed widths that fit a phone, sliders with a label and a unit, a `description` for
screen readers, and one data row that holds the numbers on display, so that a test can compare them with `lib`.
"""

import os
import sys

import altair as alt

from lib.explorers.coin import coin
from lib.explorers.commuters import commuters
from lib.explorers.criterion import criterion
from lib.explorers.cross_entropy import cross_entropy
from lib.explorers.drawn_labels import drawn_labels
from lib.explorers.early_stopping import early_stopping
from lib.explorers.faces import faces
from lib.explorers.influence import influence
from lib.explorers.line_and_noise import line_and_noise
from lib.explorers.logit import logit
from lib.explorers.loss_picker import loss_picker
from lib.explorers.noise_band import noise_band
from lib.explorers.outlier import outlier
from lib.explorers.plant_a_bug import plant_a_bug
from lib.explorers.posterior import posterior
from lib.explorers.preference_simplex import preference_simplex
from lib.explorers.prior_knob import prior_knob
from lib.explorers.reliability import reliability
from lib.explorers.rootogram import rootogram
from lib.explorers.runaway import runaway
from lib.explorers.softmax import softmax
from lib.explorers.training_run import training_run
from lib.explorers.two_intervals import two_intervals
from lib.explorers.two_peaks import two_peaks
from lib.explorers.unit_of_y import unit_of_y

__all__ = [
    "coin",
    "commuters",
    "criterion",
    "cross_entropy",
    "drawn_labels",
    "early_stopping",
    "faces",
    "influence",
    "line_and_noise",
    "logit",
    "loss_picker",
    "noise_band",
    "outlier",
    "plant_a_bug",
    "posterior",
    "preference_simplex",
    "prior_knob",
    "reliability",
    "rootogram",
    "runaway",
    "softmax",
    "training_run",
    "two_intervals",
    "two_peaks",
    "unit_of_y",
]

# Charts as JupyterLab renders them, the same at every run and without fetching anything; Colab and Kaggle want HTML.
elsewhere = "google.colab" in sys.modules or "KAGGLE_KERNEL_RUN_TYPE" in os.environ
alt.renderers.enable("html" if elsewhere else "mimetype")
