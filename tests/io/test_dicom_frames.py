"""Objects of several frames: each is a film with an address of its own."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import RLELossless

from opensvh.domain.anatomy import Side
from opensvh.domain.errors import FilmUnreadable
from opensvh.io.dicom import read_dicom_header
from opensvh.io.dicom_frames import frames_of
from opensvh.io.dicom_source import dicom_source
from opensvh.io.image import read_film, stored_size

FULL = {"WindowCenter": 2048, "WindowWidth": 4096}


def three(made: Any, **tags: object) -> Path:
    """The ramp, the ramp upside down, and the ramp's negative."""
    frames = np.stack([made.ramp, made.ramp[::-1], 4095 - made.ramp])
    return Path(made.file(NumberOfFrames=3, PixelData=frames.tobytes(), **{**FULL, **tags}))


def test_each_frame_is_a_film(made: Any) -> None:
    path = three(made)
    assert frames_of(path) == [path.with_name(f"film.dcm#{frame}") for frame in (1, 2, 3)]
    first, second, third = (read_film(frame) for frame in frames_of(path))
    assert np.allclose(first.pixels, made.ramp / 4095, atol=1e-6)
    assert np.allclose(second.pixels, made.ramp[::-1] / 4095, atol=1e-6)
    assert np.allclose(third.pixels, 1 - made.ramp / 4095, atol=1e-6)
    assert (third.path, third.facts["frame"]) == (f"{path}#3", "3 of 3")
    assert stored_size(f"{path}#2") == (100, 80)


def test_frames_of_a_compressed_film(made: Any) -> None:
    frames = np.stack([made.ramp, made.ramp[::-1]])
    dataset = made.dataset(NumberOfFrames=2, PixelData=frames.tobytes(), **FULL)
    dataset.compress(RLELossless, generate_instance_uid=False)
    path = made.saved(dataset)
    assert np.allclose(read_film(f"{path}#2").pixels, made.ramp[::-1] / 4095, atol=1e-6)


def test_a_film_of_several_frames_wants_one_named(made: Any) -> None:
    path = three(made)
    with pytest.raises(FilmUnreadable, match=r"holds 3 frames; name one, from .*film\.dcm#1 to .*film\.dcm#3"):
        read_film(path)
    with pytest.raises(FilmUnreadable, match=r"film\.dcm#4: holds 3 frames; name one that is there"):
        read_film(f"{path}#4")


def test_the_only_frame_may_be_named(made: Any) -> None:
    path = made.file(**FULL)
    assert frames_of(path) == [path]
    assert np.array_equal(read_film(f"{path}#1").pixels, read_film(path).pixels)


def test_a_file_really_named_like_a_frame_goes_first(made: Any) -> None:
    odd = made.file("film.dcm#2", **FULL, PatientID="ODD")
    assert read_film(odd).patient == "ODD"


def test_what_is_said_of_a_frame_holds_for_it_alone(made: Any, item: Any) -> None:
    per_frame = []
    for side, centre in (("L", 2048), ("R", 1024)):
        group = Dataset()
        group.FrameVOILUTSequence = item(WindowCenter=centre, WindowWidth=centre * 2)
        group.FrameAnatomySequence = item(FrameLaterality=side)
        per_frame.append(group)
    shared = Dataset()
    shared.PixelMeasuresSequence = item(PixelSpacing=[0.2, 0.2])
    frames = np.stack([made.ramp, made.ramp])
    path = made.file(
        NumberOfFrames=2,
        PixelData=frames.tobytes(),
        SharedFunctionalGroupsSequence=Sequence([shared]),
        PerFrameFunctionalGroupsSequence=Sequence(per_frame),
    )
    left, right = (read_film(frame) for frame in frames_of(path))
    assert (left.side, right.side) == (Side.LEFT, Side.RIGHT)
    assert (left.spacing_mm, right.spacing_mm) == (0.2, 0.2)
    assert np.allclose(left.pixels, made.ramp / 4095, atol=1e-6)
    assert np.allclose(right.pixels, np.clip(made.ramp / 2047, 0, 1), atol=1e-6)
    assert read_dicom_header(f"{path}#2").side is Side.RIGHT


def test_a_frame_knows_its_source(made: Any) -> None:
    source = dicom_source(f"{three(made)}#2")
    assert source is not None
    assert (source.frame, source.patient_id, source.rows, source.columns) == (2, "X7", 80, 100)


def test_a_film_that_moves_is_one_refused_film(made: Any) -> None:
    path = made.file(NumberOfFrames=300)
    assert frames_of(path) == [path]
    with pytest.raises(FilmUnreadable, match="holds 300 frames, as no film does"):
        read_film(path)
