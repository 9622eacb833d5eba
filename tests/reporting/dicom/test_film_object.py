"""Films that were pictures, in the archive."""

from typing import Any

import cv2
import numpy as np

from opensvh.domain.anatomy import film_code


def test_the_image_holds_the_pictures_own_pixels(pictures: Any) -> None:
    for film in pictures.study.films:
        image = pictures[f"film-{film_code(film.limb, film.side)}"]
        assert np.array_equal(image.pixel_array, cv2.imread(film.film, cv2.IMREAD_GRAYSCALE))
        assert image.PhotometricInterpretation == "MONOCHROME2"


def test_it_bears_the_patients_number_the_side_and_the_limb(pictures: Any) -> None:
    image = pictures["film-RH"]
    assert (image.PatientID, image.PatientName, image.StudyDate) == ("P1", "", "20240302")
    assert (image.ImageLaterality, image.BodyPartExamined) == ("R", "HAND")
    assert image.AnatomicRegionSequence[0].CodeValue == "85562004"
    assert "research use only" in image.SeriesDescription


def test_each_film_is_a_series_of_its_own_in_one_study(pictures: Any) -> None:
    images = [pictures[name] for name in pictures.names if name.startswith("film")]
    assert len({image.StudyInstanceUID for image in images}) == 1
    assert len({image.SeriesInstanceUID for image in images}) == len({image.SeriesNumber for image in images}) == 3


def test_it_says_nothing_of_the_model_that_read_it(pictures: Any) -> None:
    assert "tiny" not in str(pictures["film-LH"])
