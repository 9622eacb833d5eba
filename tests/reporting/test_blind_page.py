"""The blind sheet as picture and page."""

import cv2
import numpy as np

from opensvh.reporting.blind_page import COLUMNS, Crop, blind_page, contact_sheet


def crops(count: int) -> list[Crop]:
    return [Crop(number, np.full((40, 40), number / 20, np.float32)) for number in range(1, count + 1)]


def test_the_sheet_shows_every_crop_at_its_place() -> None:
    sheet = cv2.imdecode(np.frombuffer(contact_sheet(crops(11)), np.uint8), cv2.IMREAD_GRAYSCALE)
    rows, columns = sheet.shape[0] // 2, sheet.shape[1] // COLUMNS
    for number in range(1, 12):
        row, column = divmod(number - 1, COLUMNS)
        tile = sheet[row * rows : (row + 1) * rows, column * columns : (column + 1) * columns]
        assert tile[-10, columns // 2] == round(number / 20 * 255)
    assert (sheet[rows:, 3 * columns :] == 255).all()


def test_the_page_asks_about_every_crop_and_loads_nothing() -> None:
    page = blind_page(crops(3))
    assert page.count('type="radio"') == 6
    assert "http" not in page
