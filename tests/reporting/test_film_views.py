import base64

import numpy as np
import pytest

from opensvh.domain.anatomy import film_code
from opensvh.domain.reading import StudyReading
from opensvh.reporting.film_views import data_address, film_views, joint_details
from opensvh.reporting.overlay import picture_of


def test_films_stand_in_their_order_with_rings_where_joints_were_found(study: StudyReading) -> None:
    pictures = {
        film_code(film.limb, film.side): picture_of(np.zeros((400, 300), np.float32), film, None)
        for film in study.films
    }
    views = film_views(study, pictures)

    assert [view.code for view in views] == ["LH", "RH", "LF"]
    ring = next(ring for ring in views[0].rings if ring.key == "LH:IP1")
    assert (ring.x, ring.y) == (pytest.approx(299 - 60 + 0.5), pytest.approx(399 - 50 + 0.5))
    assert (ring.narrowing, ring.erosion) == (None, 1)
    assert "RH:MCP2" not in {ring.key for ring in views[1].rings}
    left, top, width, height = views[0].view
    assert left < views[0].box[0]
    assert left + width > views[0].box[0] + views[0].box[2]
    assert top + height > views[0].box[1] + views[0].box[3]


def test_close_ups_tell_every_kind_read_at_a_joint(study: StudyReading) -> None:
    details = joint_details(study)

    assert len(details) == 21 + 21 + 6
    assert len(details["LH:RADCAR"]["readings"]) == 2
    assert details["RH:MCP2"]["readings"][0]["why"].startswith("not assessable (the joint was not found")


def test_an_address_holds_its_content() -> None:
    address = data_address("image/png", b"\x00\xff")
    assert address.startswith("data:image/png;base64,")
    assert base64.b64decode(address.partition(",")[2]) == b"\x00\xff"
