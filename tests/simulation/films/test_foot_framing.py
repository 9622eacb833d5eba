import numpy as np

from opensvh.simulation.anatomy.foot import FootPose, draw_foot_pose, pose_foot
from opensvh.simulation.anatomy.joints import Build
from opensvh.simulation.films.foot_framing import WIDE_SHARE, foot_edges


def test_every_joint_and_toe_lies_within_the_edges() -> None:
    for seed in range(40):
        rng = np.random.default_rng(seed)
        foot = pose_foot(Build(), draw_foot_pose(rng), {}, rng)
        edges = foot_edges(foot, rng)
        places = [*foot.points.values(), *(foot.bones[f"dp{digit}"].along(1.0) for digit in range(1, 6))]
        assert all(edges.left < place[0] < edges.right for place in places)
        assert all(edges.bottom < place[1] < edges.top for place in places)


def test_wide_films_come_in_their_share_and_show_the_leg() -> None:
    foot = pose_foot(Build(), FootPose(view="ankle", tilt=-25.0, plantarflexion=65.0), {}, np.random.default_rng(0))
    films = [foot_edges(foot, np.random.default_rng(seed)) for seed in range(300)]
    wide = [film for film in films if film.wide]
    assert abs(len(wide) / len(films) - WIDE_SHARE) < 0.08
    ankle = foot.bones["tibia"].along(1.0)[1]
    assert all(film.bottom < ankle - 40.0 for film in wide)


def test_wide_films_have_the_shape_of_the_marked_ones() -> None:
    foot = pose_foot(Build(), FootPose(view="ankle", tilt=-25.0, plantarflexion=65.0), {}, np.random.default_rng(0))
    wide = [film for seed in range(300) if (film := foot_edges(foot, np.random.default_rng(seed))).wide]
    unit = float(np.hypot(*(foot.points["MTP1"] - foot.points["MTP5"])[:2]))
    middle = 0.5 * (foot.points["MTP1"] + foot.points["MTP5"])[1]
    widths = [(film.right - film.left) / unit for film in wide]
    below = [(middle - film.bottom) / unit for film in wide]
    assert 4.2 < np.median(widths) < 5.4
    assert 3.8 < np.median(below) < 5.1
