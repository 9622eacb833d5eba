"""Pictures made alike in one respect."""

import numpy as np
import pytest

from opensvh.evaluation.equalise import EQUALISED, high_frequencies, low_frequencies, matched_histograms, same_spectrum

REAL = np.array([True, True, False, False])


def pictures() -> np.ndarray:
    noise = np.random.default_rng(0).random((4, 32, 32)).astype(np.float32)
    noise[2:] = 0.2 + 0.3 * noise[2:] ** 2
    return noise


def test_matched_pictures_share_one_histogram_and_keep_their_order() -> None:
    given = pictures()
    alike = matched_histograms(given, REAL)
    shares = np.stack([np.quantile(each, [0.1, 0.5, 0.9]) for each in alike])
    assert shares == pytest.approx(shares[:1].repeat(4, 0), abs=0.02)
    order = given[3].ravel().argsort()
    assert (np.diff(alike[3].ravel()[order]) >= -0.01).all()


def test_an_even_background_stays_even() -> None:
    given = pictures()
    given[3, :16] = 0.2
    assert np.ptp(matched_histograms(given, REAL)[3, :16]) == 0


def test_same_spectrum_blurs_what_is_rougher() -> None:
    given = pictures()
    given[:2] = low_frequencies(given, REAL)[:2]
    alike = same_spectrum(given, REAL)
    assert np.abs(np.diff(alike[3])).mean() < 0.3 * np.abs(np.diff(given[3])).mean()
    assert alike[0] == pytest.approx(given[0], abs=0.1)


def test_low_and_high_frequencies_leave_the_other() -> None:
    slope = np.linspace(0, 1, 32, dtype=np.float32)[None, :, None].repeat(4, 0).repeat(32, 2)
    assert low_frequencies(slope, REAL)[:, 8:-8] == pytest.approx(slope[:, 8:-8], abs=0.02)
    assert high_frequencies(slope, REAL)[:, 12:-12] == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("name", EQUALISED)
def test_every_way_keeps_shape_type_and_range(name: str) -> None:
    given = pictures()
    alike = EQUALISED[name](given, REAL)
    assert alike.shape == given.shape
    assert alike.dtype == np.float32
    assert alike.min() >= 0
    assert alike.max() <= 1
