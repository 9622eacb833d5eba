"""Calibration of a prediction by limb and kind, as plain values; left out of whole grades."""

from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from opensvh.domain.anatomy import Kind, Limb
from opensvh.evaluation.bootstrap import estimate
from opensvh.evaluation.calibration import Calibration, brier, calibration, class_targets
from opensvh.evaluation.challenge import site_columns
from opensvh.evaluation.paired_scores import intercept_of, moments, slope_of
from opensvh.evaluation.pairing import Pairing
from opensvh.evaluation.subgroups import maximum_of

Figures = dict[str, Any]
Array = NDArray[np.float64]


def calibration_figures(pairing: Pairing) -> list[Figures]:
    """A row for each limb and kind that was read in expectations; `probabilities` where the prediction has them."""
    rows = []
    for limb in Limb:
        for kind in Kind:
            columns = site_columns(kind, limb)
            gold, predicted = pairing.scores(columns)
            if (np.nan_to_num(predicted) % 1 == 0).all():
                continue
            row = {
                "limb": limb.value,
                "kind": kind.value,
                **_expectations(pairing, gold, predicted, maximum_of(columns)),
            }
            if all(column in pairing.predicted.probabilities for column in columns):
                row["probabilities"] = _probabilities(pairing, columns)
            rows.append(row)
    return rows


def _expectations(pairing: Pairing, gold: Array, predicted: Array, maximum: int) -> Figures:
    found, parts = calibration(predicted, gold, maximum, pairing.resamples), moments(gold, predicted)
    slope, intercept = (estimate(figure, parts, pairing.resamples) for figure in (slope_of, intercept_of))
    return {
        **_plain(found),
        "slope": slope and slope.plain(),
        "intercept": intercept and intercept.plain(),
    }


def _probabilities(pairing: Pairing, columns: list[str]) -> Figures:
    """Of any damage (not the class 0), and of the likeliest class; Brier score over all classes."""
    gold = pairing.gold.table[columns].to_numpy(dtype=float)
    shares = np.stack([pairing.predicted.probabilities[column] for column in columns], axis=1)
    targets = class_targets(gold, maximum_of(columns), shares.shape[2])
    likeliest = np.nan_to_num(shares).argmax(axis=2)[..., None]
    confidence, hit = (np.take_along_axis(each, likeliest, axis=2)[..., 0] for each in (shares, targets))
    score = brier(shares, targets, pairing.resamples)
    return {
        "any_damage": _plain(calibration(1 - shares[..., 0], 1 - targets[..., 0], 1.0, pairing.resamples)),
        "likeliest_class": _plain(calibration(confidence, hit, 1.0, pairing.resamples)),
        "brier": score and score.plain(),
    }


def _plain(found: Calibration) -> Figures:
    return {"ece": found.ece and found.ece.plain(), "bins": [asdict(each) for each in found.bins]}
