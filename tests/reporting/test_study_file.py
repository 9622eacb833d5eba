import json
from dataclasses import replace
from pathlib import Path

import pytest

from opensvh.domain.anatomy import Limb, Side
from opensvh.domain.errors import OutputConflict
from opensvh.domain.geometry import Box
from opensvh.domain.placement import LimbPlacement, Pose, Projection, Skeleton
from opensvh.domain.reading import StudyReading
from opensvh.reporting.study_file import STUDY_FILE, StudyFile, read_study, write_study


def test_a_study_comes_back_as_it_was_written(study: StudyReading, tmp_path: Path) -> None:
    write_study(tmp_path, StudyFile("key", study))

    assert read_study(tmp_path / STUDY_FILE) == StudyFile("key", study)


def test_date_visit_and_the_visit_before_come_back_too(study: StudyReading, tmp_path: Path) -> None:
    dated = replace(study, date="2024-05-01", visit="Week 24")
    write_study(tmp_path, StudyFile("key", dated, "key of the visit before"))

    assert read_study(tmp_path / STUDY_FILE) == StudyFile("key", dated, "key of the visit before")


def test_a_file_of_the_version_before_is_read_on(study: StudyReading, tmp_path: Path) -> None:
    write_study(tmp_path, StudyFile("key", study))
    path = tmp_path / STUDY_FILE
    body = json.loads(path.read_text())
    for name in ("date", "visit", "previous_key"):
        del body[name]
    path.write_text(json.dumps(body | {"format": "opensvh-study/2"}))

    assert read_study(path) == StudyFile("key", study)


def test_what_was_found_on_a_film_comes_back_too(study: StudyReading, tmp_path: Path) -> None:
    box = Box(3, 4, 50, 60)
    placement = LimbPlacement(Limb.FOOT, Side.RIGHT, 271.5, box, Projection.OBLIQUE, Skeleton.GROWING, {"side": 0.75})
    film = replace(study.films[0], pose=Pose(271.5, mirrored=True, region=box), placement=placement)
    found = replace(study, films=(film,))
    write_study(tmp_path, StudyFile("key", found))

    assert read_study(tmp_path / STUDY_FILE).study == found


def test_its_totals_say_how_much_they_sum(study: StudyReading, tmp_path: Path) -> None:
    write_study(tmp_path, StudyFile("key", study))

    narrowing = json.loads((tmp_path / STUDY_FILE).read_text())["totals"]["narrowing"]
    assert narrowing == {"value": 35.0, "assessed": 35, "sites": 42, "maximum_assessed": 140, "maximum": 168}


@pytest.mark.parametrize("content", ["{", "[]", '{"format": "opensvh-study/0", "site_table_version": "1"}', "{}"])
def test_a_foreign_file_is_refused_with_its_name(content: str, tmp_path: Path) -> None:
    (tmp_path / STUDY_FILE).write_text(content)

    with pytest.raises(OutputConflict, match=STUDY_FILE):
        read_study(tmp_path / STUDY_FILE)
