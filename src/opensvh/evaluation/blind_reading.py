"""How well somebody told real from simulated crops on a blind sheet."""

from collections.abc import Mapping
from dataclasses import dataclass

from scipy.stats import binomtest

ANSWERS = ("real", "simulated")


@dataclass(frozen=True)
class BlindResult:
    """`right` of `answered` crops; `real_called_real` and `simulated_called_real` shares, None where none was answered.

    `interval` is Clopper and Pearson's 95 % interval of the share that is right; `chance` the probability of at least
    as many right answers by guessing.
    """

    crops: int
    answered: int
    right: int
    real_called_real: float | None
    simulated_called_real: float | None
    interval: tuple[float, float]
    chance: float

    def __str__(self) -> str:
        low, high = (100 * bound for bound in self.interval)
        shares = (f"{name} crops called real: {_percent(share)}" for name, share in self._shares())
        return (
            f"{self.right} of {self.answered} right ({low:.0f} to {high:.0f} %), {self.crops} crops on the sheet; "
            f"{'; '.join(shares)}; by guessing as good or better with probability {self.chance:.3f}"
        )

    def _shares(self) -> tuple[tuple[str, float | None], ...]:
        return ("real", self.real_called_real), ("simulated", self.simulated_called_real)


def blind_result(answers: Mapping[str, tuple[str, str]], crops: int) -> BlindResult:
    """From (truth, answer) by crop, each `real` or `simulated`; nothing answered is nothing right."""
    right = sum(truth == answer for truth, answer in answers.values())
    if not answers:
        return BlindResult(crops, 0, 0, None, None, (0.0, 1.0), 1.0)
    test = binomtest(right, len(answers), 0.5, alternative="greater")
    interval = binomtest(right, len(answers)).proportion_ci(0.95)
    return BlindResult(
        crops=crops,
        answered=len(answers),
        right=right,
        real_called_real=_called_real(answers, "real"),
        simulated_called_real=_called_real(answers, "simulated"),
        interval=(float(interval.low), float(interval.high)),
        chance=float(test.pvalue),
    )


def _called_real(answers: Mapping[str, tuple[str, str]], kind: str) -> float | None:
    given = [answer == "real" for truth, answer in answers.values() if truth == kind]
    return sum(given) / len(given) if given else None


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.0f} %"
