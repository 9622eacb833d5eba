import pytest

from opensvh.domain.anatomy import SITES, Kind, Limb, site_named
from opensvh.domain.reading import SiteReading, Status
from opensvh.reporting.words import counted, film_label, listed, signed, site_label, why


@pytest.mark.parametrize(
    ("value", "said"), [(5.26, "+5.3"), (-2.0, "−2.0"), (0.0, "0.0"), (0.04, "0.0"), (-0.04, "0.0")]
)
def test_differences_carry_their_sign_unless_they_round_to_nothing(value: float, said: str) -> None:
    assert signed(value) == said


def test_lists_read_as_sentences_do() -> None:
    assert [listed(list("abc"[:count])) for count in range(4)] == ["", "a", "a and b", "a, b and c"]


def test_one_is_singular() -> None:
    films = ("{count} film", "{count} films")
    assert [counted(films, count) for count in (0, 1, 2)] == ["0 films", "1 film", "2 films"]


def test_sites_and_films_are_called_as_readers_call_them() -> None:
    assert (site_label(Limb.HAND, "MCP2"), site_label(Limb.FOOT, "IP1")) == ("MCP 2", "IP hallux")
    assert [film_label(code) for code in ("LH", "RF")] == ["Left hand", "Right foot"]
    for limb in Limb:
        names = [site_label(limb, site.name) for site in SITES if site.limb is limb]
        assert len(set(names)) == len(names)


def test_why_there_is_no_score_is_the_status_and_the_reason() -> None:
    site = site_named(Limb.HAND, "MCP2")
    assert why(SiteReading(site, Kind.EROSION, Status.AMPUTATED)) == "amputated"
    assert why(SiteReading(site, Kind.EROSION, Status.NOT_VISIBLE, reason="cut off")) == "not visible (cut off)"
