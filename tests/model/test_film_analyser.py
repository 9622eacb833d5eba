"""The film analyser's network gives maps at stride 8, quietly at first, of any picture size it is made for."""

import torch

from opensvh.model.film_analyser import CHANNELS, FIRST_FLAG, PEAKS, FilmAnalyserNet, probabilities
from opensvh.model.film_analyser_config import FilmAnalyserConfig

SMALL = FilmAnalyserConfig(side_px=64, widths=(4, 4, 8, 8, 8))


def test_maps_have_an_eighth_of_the_picture() -> None:
    maps = FilmAnalyserNet(SMALL)(torch.rand(2, 1, 64, 64))
    assert maps.shape == (2, CHANNELS, 8, 8)


def test_peaks_and_flags_become_probabilities_and_the_rest_stays() -> None:
    maps = 5 * torch.randn(1, CHANNELS, 8, 8)
    read = probabilities(maps)
    for part in (read[:, :PEAKS], read[:, FIRST_FLAG:]):
        assert part.min() >= 0
        assert part.max() <= 1
    assert torch.equal(read[:, PEAKS:FIRST_FLAG], maps[:, PEAKS:FIRST_FLAG])


def test_untrained_network_finds_few_limbs() -> None:
    torch.manual_seed(0)
    read = probabilities(FilmAnalyserNet(SMALL)(torch.rand(2, 1, 64, 64)))
    assert read[:, :PEAKS].mean() < 0.1
