"""What a user may choose is every backend there is, or none."""

from opensvh.domain.backends import Backend, Choice


def test_choices_name_backends() -> None:
    assert Choice.AUTO.backend is None
    assert [choice.backend for choice in Choice if choice is not Choice.AUTO] == list(Backend)
