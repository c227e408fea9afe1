"""How long a column remembers: neighbouring rows that are alike count for less than as many independent ones."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_SOKAL = 5.0
_WITHIN = 0.5
"""Lags are summed up to five autocorrelation times, and never over more than half of the series."""


def autocorrelation_time(series: Floats, weights: Floats) -> tuple[float, float]:
    """The integrated autocorrelation time of several series together and its standard error, in steps.

    The time is at least 1, and infinite where the series is too short to see its end.

    A mean over n steps varies as one over n divided by this many independent steps.

    Formula: 1 + 2 times the sum of the autocorrelations up to a lag of at least five such times; Sokal (1997), Monte
    Carlo methods in statistical mechanics, section 3; with the correction for the mean that was taken out by Wolff
    (2004), Monte Carlo errors with less errors, equation 49. The error is that of Sokal, equation 3.19, for one series.

    Args:
        series: float64 [steps, series].
        weights: How much the autocovariance of each counts, float64 [series].
    """
    steps = len(series)
    centred = series - series.mean(axis=0)
    spectrum = np.fft.rfft(centred, n=2 * steps, axis=0)
    power = (np.abs(spectrum) ** 2) @ weights
    covariance = np.fft.irfft(power)[:steps]
    if steps < 4 or covariance[0] <= 1e-12 * steps:
        return 1.0, 0.0
    times = 1 + 2 * np.cumsum(covariance[1 : int(steps * _WITHIN)] / covariance[0])
    lags = np.arange(1, len(times) + 1)
    enough = np.flatnonzero(lags >= _SOKAL * times)
    if not len(enough):
        return float("inf"), 0.0
    lag = int(lags[enough[0]])
    share = (2 * lag + 1) / steps
    time = max(1.0, float(times[enough[0]]) * (1 + share))
    return time, time * float(np.sqrt(2 * share))
