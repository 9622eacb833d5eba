"""The node beside a real PACS, Debian's Orthanc: films in, results back, with the PACS away and the node killed."""

import io
import ssl
from collections import Counter
from pathlib import Path

import highdicom as hd
import pytest
import requests
from pydicom import dcmread
from pydicom.dataset import Dataset
from pynetdicom import AE
from pynetdicom.sop_class import Verification
from running_node import wait_until

from opensvh.domain.errors import FilmUnreadable
from opensvh.serving.dicomweb import fetch_study

pytestmark = pytest.mark.slow

SR, SC = "1.2.840.10008.5.1.4.1.1.88.33", "1.2.840.10008.5.1.4.1.1.7"
PDF, GSPS = "1.2.840.10008.5.1.4.1.1.104.1", "1.2.840.10008.5.1.4.1.1.11.1"
OF_ONE_FILM = {SR: 2, SC: 1, PDF: 1, GSPS: 1}
USER, PASSWORD = "node", "secret"


def classes(hospital) -> Counter[str]:
    """How many results of each class the PACS has."""
    return Counter(tags["SOPClassUID"] for tags in hospital.results())


def objects(hospital, sop_class: str) -> list[Dataset]:
    """The results of a class, as the PACS gives them back."""
    found = [tags["ID"] for tags in hospital.results() if tags["SOPClassUID"] == sop_class]
    return [dcmread(io.BytesIO(hospital.pacs.file(each))) for each in found]


def test_films_go_in_and_reports_sheet_page_and_overlays_come_back(hospital, dicom_films, results_sent) -> None:
    site = hospital()
    site.pacs.start()
    site.node.start()
    films = [dicom_films / f"SIM0001-{code}.dcm" for code in ("LH", "LF")]
    sent = [site.pacs.put_film(film) for film in films]
    assert requests.post(f"{site.pacs.url}/modalities/opensvh/echo", json={}, timeout=30).ok
    site.pacs.send(*sent)
    results_sent(site)
    (scored,) = site.node.events("study scored")
    assert (scored["films"], scored["refused"]) == (2, 0)
    assert classes(site) == {SR: 2, SC: 1, PDF: 1, GSPS: 2}
    film = dcmread(films[0])
    for sop_class in (SR, SC, PDF, GSPS):
        for each in objects(site, sop_class):
            assert (each.StudyInstanceUID, each.PatientID) == (film.StudyInstanceUID, film.PatientID)
            assert each.SeriesInstanceUID != film.SeriesInstanceUID
    reports = [hd.sr.ComprehensiveSR.from_dataset(each) for each in objects(site, SR)]
    groups = [len(report.content.get_planar_roi_measurement_groups()) for report in reports]
    assert max(groups) > 20  # the report of sites; the one of totals has none
    assert bytes(objects(site, PDF)[0].EncapsulatedDocument).startswith(b"%PDF")
    assert objects(site, SC)[0].pixel_array.std() > 1

    # What the node has sent comes back to it with the study: it is taken for what it is.
    site.pacs.send(*(tags["ID"] for tags in site.results()))
    wait_until(lambda: len(site.node.events("object received", outcome="own")) == len(site.results()), 60)
    assert site.node.metric('opensvh_studies{state="waiting"}') == 0
    assert site.node.stop() == 0
    assert len(site.node.events("study scored")) == 1


def test_a_pacs_that_stops_in_the_middle_gets_everything_once_it_is_back(hospital, dicom_films, results_sent) -> None:
    site = hospital()
    site.pacs.start()
    site.node.start()
    site.pacs.send(site.pacs.put_film(dicom_films / "SIM0001-RH.dcm"))
    site.pacs.stop()
    wait_until(lambda: site.node.events("results failed"), 300)
    site.pacs.start()
    results_sent(site)
    assert classes(site) == OF_ONE_FILM


def test_a_node_that_is_killed_loses_no_film_it_was_thanked_for(hospital, dicom_films, results_sent) -> None:
    site = hospital()
    site.pacs.start()
    site.node.start()
    site.pacs.send(site.pacs.put_film(dicom_films / "SIM0001-RH.dcm"))
    site.node.kill()
    assert site.results() == []
    site.node.start()
    results_sent(site)
    assert classes(site) == OF_ONE_FILM


def test_results_go_by_stow_with_a_login(hospital, dicom_films, results_sent, monkeypatch) -> None:
    monkeypatch.setenv("TEST_PACS_LOGIN", f"{USER}:{PASSWORD}")
    site = hospital(web=True, login=(USER, PASSWORD))
    site.pacs.start()
    site.node.start()
    site.pacs.send(site.pacs.put_film(dicom_films / "SIM0001-RH.dcm"))
    results_sent(site)
    assert classes(site) == OF_ONE_FILM


def test_a_study_is_pulled_with_its_films_alone_and_a_login(hospital, dicom_films, tmp_path: Path, monkeypatch) -> None:
    site = hospital(login=(USER, PASSWORD))
    site.pacs.start()
    site.pacs.put_film(dicom_films / "SIM0001-RH.dcm")
    report = dcmread(dicom_films / "SIM0001-LH.dcm")
    report.SOPClassUID = report.file_meta.MediaStorageSOPClassUID = SR
    report.save_as(tmp_path / "report.dcm")
    site.pacs.put_film(tmp_path / "report.dcm")
    address, study = f"{site.pacs.url}/dicom-web", str(report.StudyInstanceUID)
    with pytest.raises(FilmUnreadable, match="HTTP 401"):
        fetch_study(address, study, tmp_path / "pulled")
    monkeypatch.setenv("PACS_LOGIN", f"{USER}:{PASSWORD}")
    (film,) = fetch_study(address, study, tmp_path / "pulled", "PACS_LOGIN")
    there = dcmread(dicom_films / "SIM0001-RH.dcm")
    assert dcmread(film).SOPInstanceUID == there.SOPInstanceUID
    assert dcmread(film).PixelData == there.PixelData
    with pytest.raises(FilmUnreadable, match="is not there"):
        fetch_study(address, "1.2.3", tmp_path / "pulled", "PACS_LOGIN")


def test_talk_is_encrypted_both_ways_and_callers_show_a_certificate(
    hospital, certificates, dicom_films, results_sent
) -> None:
    site = hospital(certificates=certificates)
    site.pacs.start()
    site.node.start()
    site.pacs.send(site.pacs.put_film(dicom_films / "SIM0001-RH.dcm"))
    results_sent(site)
    assert classes(site) == OF_ONE_FILM
    caller = AE("ORTHANC")
    caller.add_requested_context(Verification)
    nameless = ssl.create_default_context(cafile=certificates.authority)
    for tls in (None, (nameless, "127.0.0.1")):
        association = caller.associate("127.0.0.1", site.node_port, ae_title="OPENSVH", tls_args=tls)
        assert not association.is_established
    nameless.load_cert_chain(certificates.certificate, certificates.key)
    association = caller.associate("127.0.0.1", site.node_port, ae_title="OPENSVH", tls_args=(nameless, "127.0.0.1"))
    assert association.is_established
    association.release()


def test_a_pacs_that_is_not_on_the_list_is_not_heard(hospital, dicom_films) -> None:
    site = hospital(peer="OTHER")
    site.pacs.start()
    site.node.start()
    with pytest.raises(requests.HTTPError):
        site.pacs.send(site.pacs.put_film(dicom_films / "SIM0001-RH.dcm"))
    assert site.node.events("caller rejected", ae_title="ORTHANC")
    assert site.node.events("object received") == []
