"""Reading a study over HTTP: blinding, saving, committing, adjudicating, exporting; each only sees what is theirs."""

import csv
import io
import uuid
from typing import Any

import pytest

from opensvh.domain.scoring import site_count

from .conftest import Page, Served, every_place, peopled

DESIGN = {
    "name": "Trial",
    "readers": ["anna", "ben"],
    "order": "paired blinded",
    "seed": 5,
    "adjudicator": "clara",
    "adjudication": {"site": 2},
}


def set_up(served: Served, **changed: Any) -> dict[str, Any]:
    study: dict[str, Any] = served.page("mia").ok("POST", "/api/studies", json={**DESIGN, **changed})
    return study


def first_reading(page: Page) -> dict[str, Any]:
    reading: dict[str, Any] = page.ok("GET", f"/api/readings/{page.ok('GET', '/api/readings')[0]['id']}")
    return reading


def put(page: Page, reading: dict[str, Any], *changes: dict[str, Any]) -> Any:
    return page.ok("PUT", f"/api/readings/{reading['reading']['id']}/scores", json={"scores": list(changes)})


def read_all(page: Page, **grades: int) -> None:
    """Everything 0, but what `grades` says of sites, and commit."""
    for listed in page.ok("GET", "/api/readings"):
        reading = page.ok("GET", f"/api/readings/{listed['id']}")
        changes = [{**each, "grade": min(grades.get(each["site"], 0), 4)} for each in every_place(reading)]
        put(page, reading, *changes)
        page.ok("POST", f"/api/readings/{listed['id']}/commit")


def test_a_blinded_reading_tells_neither_patient_nor_visit(trial: Served) -> None:
    set_up(trial)
    anna = trial.page("anna")
    reading = first_reading(anna)
    told = str(reading) + str(anna.ok("GET", "/api/readings"))
    assert "K1" not in told
    assert "K2" not in told
    assert {column["visit"] for column in reading["columns"]} == {"A", "B"}
    sites = 2 * (site_count_of("narrowing") + site_count_of("erosion"))
    assert sum(len(step["places"]) for step in reading["steps"]) == sites


def site_count_of(kind: str) -> int:
    from opensvh.domain.anatomy import Kind

    return site_count(Kind(kind))


def test_the_walk_shows_both_visits_and_the_other_side(trial: Served) -> None:
    set_up(trial)
    reading = first_reading(trial.page("anna"))
    step = next(each for each in reading["steps"] if (each["code"], each["site"]) == ("RH", "MCP2"))
    assert step["films"] == [column["films"]["RH"] for column in reading["columns"]]
    assert step["opposite"] == [column["films"]["LH"] for column in reading["columns"]]
    assert [place["kind"] for place in step["places"]] == ["narrowing", "erosion"] * 2
    assert {place["maximum"] for place in step["places"]} == {4, 5}


def test_orders_follow_from_the_seed(trial: Served) -> None:
    def columns(name: str, seed: int, reader: str) -> list[tuple[str, list[str]]]:
        set_up(trial, name=name, seed=seed)
        listed = [each for each in trial.page(reader).ok("GET", "/api/readings") if each["study"] == name]
        wholes = [trial.page(reader).ok("GET", f"/api/readings/{each['id']}") for each in listed]
        return [(whole["reading"]["label"], [each["films"]["LH"] for each in whole["columns"]]) for whole in wholes]

    assert columns("a", 1, "anna") == columns("b", 1, "anna")
    assert len({str(columns(f"c{seed}", seed, "anna")) for seed in range(6)}) > 1


def test_random_order_shows_each_visit_alone(trial: Served) -> None:
    study = set_up(trial, order="random")
    assert study["cases"] == 4
    assert all(
        len(trial.page("ben").ok("GET", f"/api/readings/{each['id']}")["columns"]) == 1
        for each in trial.page("ben").ok("GET", "/api/readings")
    )


def test_chronological_order_shows_patient_and_visits_in_time(trial: Served) -> None:
    set_up(trial, order="chronological")
    reading = first_reading(trial.page("anna"))
    assert reading["reading"]["label"] == "K1"
    assert [column["visit"] for column in reading["columns"]] == ["1", "2"]


def test_a_saved_score_is_there_after_a_reload_and_unscored_is_not_zero(trial: Served) -> None:
    set_up(trial)
    anna = trial.page("anna")
    reading = first_reading(anna)
    one, other = every_place(reading)[:2]
    saved = put(anna, reading, {**one, "grade": 3})
    assert saved["entered"] == 1
    places = [place for step in first_reading(anna)["steps"] for place in step["places"]]
    assert (places[0]["status"], places[0]["grade"]) == ("scored", 3)
    assert (places[1]["status"], places[1]["grade"]) == ("unscored", None)
    put(anna, reading, {**one, "change": uuid.uuid4().hex, "status": "unscored", "grade": None})
    assert first_reading(anna)["reading"]["entered"] == 0
    assert other["film"]


def test_a_change_sent_again_after_a_newer_one_changes_nothing(trial: Served) -> None:
    set_up(trial)
    anna = trial.page("anna")
    reading = first_reading(anna)
    place = every_place(reading)[0]
    older, newer = {**place, "grade": 1}, {**place, "grade": 2, "change": uuid.uuid4().hex}
    for change in (older, newer, older, older):
        answer = put(anna, reading, change)
    assert answer["scores"][0]["grade"] == 2
    trail = [each for each in trial.page("mia").ok("GET", "/api/audit?most=1000") if each["action"] == "score saved"]
    assert [(each["old"] and each["old"]["grade"], each["new"]["grade"]) for each in trail] == [(None, 1), (1, 2)]


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"grade": 5, "kind": "narrowing"}, 422),
        ({"grade": None}, 422),
        ({"status": "not assessable", "grade": None, "reason": " "}, 422),
        ({"status": "not assessable", "grade": 1, "reason": "overlap"}, 422),
        ({"status": "not assessable", "grade": None, "reason": "overlap"}, 200),
        ({"site": "MTP1"}, 422),
        ({"film": "0" * 32}, 422),
        ({"status": "healed"}, 422),
    ],
)
def test_only_what_a_site_can_have_is_saved(trial: Served, changed: dict[str, Any], status: int) -> None:
    set_up(trial)
    anna = trial.page("anna")
    reading = first_reading(anna)
    place = next(each for each in every_place(reading) if each["kind"] == "narrowing" and each["site"] == "MCP2")
    asked = {"scores": [{**place, **changed}]}
    assert anna.status("PUT", f"/api/readings/{reading['reading']['id']}/scores", json=asked) == status


def test_a_reader_cannot_see_or_change_anothers_reading(trial: Served) -> None:
    set_up(trial)
    anna, ben = trial.page("anna"), trial.page("ben")
    reading = first_reading(anna)
    own = reading["reading"]["id"]
    put(anna, reading, {**every_place(reading)[0], "grade": 2})
    assert ben.status("GET", f"/api/readings/{own}") == 404
    assert ben.status("GET", f"/api/readings/{own}/model") == 404
    assert ben.status("PUT", f"/api/readings/{own}/scores", json={"scores": every_place(reading)[:1]}) == 404
    assert ben.status("POST", f"/api/readings/{own}/commit") == 404
    assert trial.page("mia").status("GET", f"/api/readings/{own}") == 403
    assert first_reading(ben)["reading"]["entered"] == 0


def test_films_are_shown_to_their_readers_alone(trial: Served) -> None:
    stranger = trial.add("dora", "reader")
    set_up(trial)
    film = first_reading(trial.page("anna"))["columns"][0]["films"]["LH"]
    assert trial.page("anna").status("GET", f"/api/films/{film}/pixels") == 200
    assert stranger.status("GET", f"/api/films/{film}/pixels") == 404
    assert stranger.status("GET", f"/api/films/{film}") == 404


def test_commit_waits_for_every_site_and_locks(trial: Served) -> None:
    set_up(trial)
    anna = trial.page("anna")
    reading = first_reading(anna)
    own, changes = reading["reading"]["id"], every_place(reading)
    put(anna, reading, *changes[:-1])
    refused = anna.client.post(f"/api/readings/{own}/commit")
    assert (refused.status_code, refused.json()["problem"].startswith("1 of 172")) == (409, True)
    put(anna, reading, {**changes[-1], "status": "not assessable", "grade": None, "reason": "cast"})
    anna.ok("POST", f"/api/readings/{own}/commit")
    changed = {"scores": [{**changes[0], "change": uuid.uuid4().hex, "grade": 1}]}
    assert anna.status("PUT", f"/api/readings/{own}/scores", json=changed) == 409
    trial.page("mia").ok("POST", f"/api/readings/{own}/reopen", json={"reason": "sides were exchanged"})
    assert anna.status("PUT", f"/api/readings/{own}/scores", json=changed) == 200


@pytest.mark.parametrize(
    ("rule", "before", "after"), [("hidden", 403, 403), ("shown", 200, 200), ("after commit", 403, 200)]
)
def test_the_models_scores_are_seen_when_the_study_says_so(trial: Served, rule: str, before: int, after: int) -> None:
    set_up(trial, model_scores=rule)
    anna = trial.page("anna")
    reading = first_reading(anna)
    address = f"/api/readings/{reading['reading']['id']}/model"
    assert anna.status("GET", address) == before
    assert reading["model_visible"] == (before == 200)
    put(anna, reading, *every_place(reading))
    anna.ok("POST", f"/api/readings/{reading['reading']['id']}/commit")
    assert anna.status("GET", address) == after


def test_adjudicator_decides_what_differs_without_names(trial: Served) -> None:
    study = set_up(trial)
    read_all(trial.page("anna"), MCP2=3)
    clara = trial.page("clara")
    assert clara.ok("GET", "/api/readings") == []
    read_all(trial.page("ben"), MCP3=1)
    reading = first_reading(clara)
    assert {step["site"] for step in reading["steps"]} == {"MCP2"}
    assert "anna" not in str(reading)
    assert "ben" not in str(reading)
    place = reading["steps"][0]["places"][0]
    assert sorted(said["grade"] for said in place["readers"]) == [0, 3]
    for listed in clara.ok("GET", "/api/readings"):
        whole = clara.ok("GET", f"/api/readings/{listed['id']}")
        put(clara, whole, *[{**each, "grade": 2} for each in every_place(whole)])
        clara.ok("POST", f"/api/readings/{listed['id']}/commit")
    table = trial.page("mia").ok("GET", f"/api/studies/{study['id']}/scores.csv").text
    final = [row for row in csv.DictReader(io.StringIO(table)) if row["reader"] == "final"]
    assert {row["score"] for row in final if row["site"] == "MCP2"} == {"2.0"}
    assert {row["score"] for row in final if row["site"] == "MCP3"} == {"0.5"}
    assert len(final) == 4 * 86


def test_a_difference_in_the_total_goes_to_the_adjudicator(trial: Served) -> None:
    set_up(trial, adjudication={"total": 8})
    read_all(trial.page("anna"), MCP2=1, MCP3=1)
    read_all(trial.page("ben"))
    reading = first_reading(trial.page("clara"))  # four hands' sites of one point, both kinds: 8 a visit
    assert {step["site"] for step in reading["steps"]} == {"MCP2", "MCP3"}


def test_readers_who_agree_leave_nothing_to_decide(trial: Served) -> None:
    set_up(trial)
    read_all(trial.page("anna"), MCP2=1)
    read_all(trial.page("ben"))
    assert trial.page("clara").ok("GET", "/api/readings") == []


def test_agreement_and_the_challenges_columns_are_exported(trial: Served) -> None:
    study = set_up(trial)
    mia = trial.page("mia")
    assert mia.ok("GET", f"/api/studies/{study['id']}/agreement") is None
    read_all(trial.page("anna"), MCP2=1)
    read_all(trial.page("ben"))
    figures = mia.ok("GET", f"/api/studies/{study['id']}/agreement")
    assert (figures["totals"]["n"], figures["changes"]["n"]) == (4, 2)
    assert figures["totals"]["mean_difference"] == 4.0
    table = mia.ok("GET", f"/api/studies/{study['id']}/ra2.csv?reader=anna").text
    rows = list(csv.DictReader(io.StringIO(table)))
    assert [row["Patient_ID"] for row in rows] == ["K1_1", "K1_2", "K2_1", "K2_2"]
    assert {row["Overall_Tol"] for row in rows} == {"4"}
    assert mia.ok("GET", "/api/audit/verdict")["problems"] == []


def test_the_whole_story_on_either_database(either: Served) -> None:
    peopled(either)
    set_up(either)
    read_all(either.page("anna"), MCP2=3)
    read_all(either.page("ben"))
    assert len(either.page("clara").ok("GET", "/api/readings")) == 2
    verdict = either.page("mia").ok("GET", "/api/audit/verdict")
    assert (verdict["problems"], verdict["entries"] > 4 * 172) == ([], True)


def test_a_score_altered_behind_the_trail_is_found(trial: Served) -> None:
    from sqlalchemy import text

    set_up(trial)
    anna = trial.page("anna")
    reading = first_reading(anna)
    put(anna, reading, {**every_place(reading)[0], "grade": 2})
    with trial.bench.store.writing() as session:
        session.execute(text("UPDATE score SET grade = 4"))
    problems = trial.page("mia").ok("GET", "/api/audit/verdict")["problems"]
    assert len(problems) == 1
    assert "the trail says" in problems[0]


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"readers": ["anna", "anna"]}, "different people"),
        ({"readers": ["anna", "nobody"]}, "nobody"),
        ({"adjudicator": "mia"}, "adjudicator"),
        ({"readers": ["anna"]}, "two readers"),
        ({"patients": ["K9"]}, "no film fits"),
        ({"colour": "blue"}, "colour"),
    ],
)
def test_a_design_that_cannot_be_says_why(trial: Served, changed: dict[str, Any], problem: str) -> None:
    answer = trial.page("mia").client.post("/api/studies", json={**DESIGN, **changed})
    assert answer.status_code == 422
    assert problem in answer.json()["problem"]


def test_a_study_is_set_up_from_a_file(trial: Served) -> None:
    toml = 'name = "From a file"\nreaders = ["anna"]\norder = "random"\nfolder = "trial"\n'
    assert trial.page("mia").ok("POST", "/api/studies/file", json={"toml": toml})["cases"] == 4
