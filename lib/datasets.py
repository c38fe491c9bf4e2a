"""Data: simulators whose truth is known, and real data that ship inside installed wheels.

Nothing is downloaded. Arrays are float64 tensors; `x` has shape (n, d), or (n,) where there is one input,
and `y` has shape (n,). Simulators take the NumPy generator that they draw from.
"""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch


def line(rng, n, *, slope=2.0, intercept=1.0, std=1.0):
    """Simulate y = intercept + slope · x + noise, noise ~ N(0, std²), x ~ Uniform(0, 4).

    Parameters
    ----------
    rng : numpy.random.Generator
    n : int ≥ 1, number of examples
    slope, intercept, std : floats, the truth; std ≥ 0, in the units of y

    Returns
    -------
    x, y : float64 tensors, shape (n,)
    """
    if n < 1:
        raise ValueError(f"n must be at least 1, got {n}")
    if not std >= 0:
        raise ValueError(f"std must not be negative, got {std}")
    x = rng.uniform(0, 4, n)
    y = intercept + slope * x + std * rng.standard_normal(n)
    return torch.from_numpy(x), torch.from_numpy(y)


def diabetes():
    """Load the diabetes data: 442 patients, ten standardised inputs, disease progression a year later.

    Returns
    -------
    x : float64 tensor, shape (442, 10): age, sex, bmi, blood pressure and six blood serum measurements,
        each with mean 0 and standard deviation 1 (divisor n)
    y : float64 tensor, shape (442,): progression score, 25 to 346
    names : list of str, the ten column names

    Source: Efron, Hastie, Johnstone & Tibshirani 2004, as in `sklearn.datasets.load_diabetes`.
    """
    x = torch.from_numpy(np.loadtxt(_sklearn_file("diabetes_data_raw.csv.gz")))
    y = torch.from_numpy(np.loadtxt(_sklearn_file("diabetes_target.csv.gz")))
    names = ["age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"]
    return (x - x.mean(dim=0)) / x.std(dim=0, correction=0), y, names


def digits():
    """Load 1797 handwritten digits of 8 × 8 pixels, by 13 writers who are not named.

    Returns
    -------
    x : float64 tensor, shape (1797, 64): ink of each pixel, row by row, from 0 to 1 in steps of 1/16
    y : int64 tensor, shape (1797,): the digit, 0 to 9

    Source: Alpaydin & Kaynak 1998 (UCI, the test part), as in `sklearn.datasets.load_digits`.
    """
    table = torch.from_numpy(np.loadtxt(_sklearn_file("digits.csv.gz"), delimiter=","))  # (1797, 65)
    return table[:, :64] / 16, table[:, 64].long()


def breast_cancer():
    """Load the breast cancer data: 569 tumours, thirty measurements of the cell nuclei in one image of each.

    Returns
    -------
    x : float64 tensor, shape (569, 30): mean, standard error and largest values of ten measurements, as in the source
    y : float64 tensor, shape (569,): 1 benign, 0 malignant

    Source: Street, Wolberg & Mangasarian 1993 (UCI), as in `sklearn.datasets.load_breast_cancer`.
    """
    table = torch.from_numpy(np.loadtxt(_sklearn_file("breast_cancer.csv"), delimiter=",", skiprows=1))  # (569, 31)
    return table[:, :30].contiguous(), table[:, 30].contiguous()


def wine():
    """Load the wine data: 178 wines of three cultivars, thirteen measurements.

    Returns
    -------
    x : float64 tensor, shape (178, 13), standardised: each column with mean 0 and standard deviation 1 (divisor n)
    y : int64 tensor, shape (178,): the cultivar, 0 to 2

    Source: Forina et al. 1988 (UCI), as in `sklearn.datasets.load_wine`.
    """
    table = torch.from_numpy(np.loadtxt(_sklearn_file("wine_data.csv"), delimiter=",", skiprows=1))  # (178, 14)
    x = table[:, :13]
    return (x - x.mean(dim=0)) / x.std(dim=0, correction=0), table[:, 13].long()


def _sklearn_file(name):
    """Read directly: importing scikit-learn for one small table would cost half a second."""
    return Path(find_spec("sklearn").origin).parent / "datasets" / "data" / name


def spector():
    """Load Spector and Mazzeo's students: 32 of them, and whether a course improved their grade.

    Returns
    -------
    x : float64 tensor, shape (32, 3): grade average, score in an economics test, 1 if taught by the new method (PSI)
    y : float64 tensor, shape (32,): 1 if the grade improved
    names : list of str, the three column names

    Source: Spector & Mazzeo 1980; through `statsmodels.datasets.spector`.
    """
    table = torch.from_numpy(np.loadtxt(_statsmodels_file("spector"), skiprows=1))  # (32, 5), the first a number
    return table[:, 1:4].contiguous(), table[:, 4].contiguous(), ["GPA", "TUCE", "PSI"]


def _statsmodels_file(name):
    """Read directly as well: importing statsmodels for one small table would cost half a second."""
    return Path(find_spec("statsmodels").origin).parent / "datasets" / name / f"{name}.csv"


def engel():
    """Load Engel's household budgets: 235 Belgian working-class households, income and what they spend on food.

    Returns
    -------
    x : float64 tensor, shape (235,): annual household income, 377 to 4957 Belgian francs
    y : float64 tensor, shape (235,): annual food expenditure, 242 to 2033 Belgian francs

    Source: Engel 1857; Koenker & Bassett 1982; through `statsmodels.datasets.engel`.
    """
    income, food = torch.from_numpy(np.loadtxt(_statsmodels_file("engel"), delimiter=",", skiprows=1)).T.contiguous()
    return income, food


def randhie():
    """Load the RAND health insurance experiment: 20190 person-years, visits to a doctor under randomised plans.

    Returns
    -------
    x : float64 tensor, shape (20190, 9), as in the source: lncoins is log(1 + coinsurance rate in percent), then three
        columns about deductible and incentive payment, and five about the person's health
    y : float64 tensor, shape (20190,): outpatient visits to a medical doctor, counts from 0 to 77
    names : list of str, the nine column names

    Source: Cameron & Trivedi 2005, Microeconometrics; through `statsmodels.datasets.randhie`.
    """
    from statsmodels.datasets import randhie as data

    return _table(data, "mdvis")


def cancer():
    """Load deaths from breast cancer, 1950 to 1960, in 301 counties of North Carolina, South Carolina and Georgia.

    Returns
    -------
    deaths : float64 tensor, shape (301,), counts from 0 to 360
    women : float64 tensor, shape (301,): adult white women who lived there in 1960, the exposure

    Source: Rice, Mathematical Statistics and Data Analysis; through `statsmodels.datasets.cancer`.
    """
    deaths, women = torch.from_numpy(np.loadtxt(_statsmodels_file("cancer"), delimiter=",", skiprows=1)).T.contiguous()
    return deaths, women


def stackloss():
    """Load Brownlee's stack loss: 21 days of a plant that oxidises ammonia to nitric acid.

    Returns
    -------
    x : float64 tensor, shape (21, 3): air flow, cooling water temperature, acid concentration (coded)
    y : float64 tensor, shape (21,): ammonia lost through the stack, in tenths of a percent of the ammonia that came in
    names : list of str, the three column names

    Source: Brownlee 1965, Statistical Theory and Methodology; through `statsmodels.datasets.stackloss`.
    """
    from statsmodels.datasets import stackloss as data

    return _table(data, "STACKLOSS")


def fair():
    """Load Fair's survey of 6366 married women, readers of a magazine: their marriage, and affairs.

    Returns
    -------
    x : float64 tensor, shape (6366, 8), as in the source: how the marriage is rated (1 very poor to 5 very good), age,
        years married, children, how religious (1 to 4), education, and two codes of occupations
    y : float64 tensor, shape (6366,): 1 if any time was spent in affairs, else 0
    names : list of str, the eight column names

    Source: Fair 1978, A Theory of Extramarital Affairs; through `statsmodels.datasets.fair`.
    """
    path = _statsmodels_file("fair")
    names = path.read_text().partition("\n")[0].replace('"', "").split(",")
    table = torch.from_numpy(np.loadtxt(path, delimiter=",", skiprows=1))  # (6366, 9), the last time in affairs
    return table[:, :8].contiguous(), (table[:, 8] > 0).double(), names[:8]


def _table(data, target):
    table = data.load_pandas().data
    x = table.drop(columns=target)
    return torch.tensor(x.to_numpy(float)), torch.tensor(table[target].to_numpy(float)), list(x.columns)
