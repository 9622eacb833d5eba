"""What every result says of itself: that it is for research, and what made it."""

from collections.abc import Sequence

from opensvh.domain.reading import ModelIdentity

NOTICE = "For research use only: not a medical device, not for diagnosis or treatment decisions."


def model_names(models: Sequence[ModelIdentity]) -> str:
    """`reference 0.3.0`, several joined by a plus."""
    return " + ".join(f"{model.name} {model.version}" for model in models)
