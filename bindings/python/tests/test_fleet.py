"""Fleets check, plan and apply rows of any kind, and resume a run that ended early."""

import asyncio
import csv
import datetime
import decimal
import json
import os
import pickle
import signal
import subprocess
import sys
import time
import types
from pathlib import Path

import numpy
import pytest
from test_secrets import CANARY, everything_of, shown

from ocamba_hood import HoodError, NewIntegration, Secret, UnknownProvider, ValidationError
from ocamba_hood._binary import binary
from ocamba_hood.fleet import AsyncFleet, Fleet, FleetError, InvalidRowsError, Progress
from ocamba_hood.testing import Sandbox


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def account(sandbox, control, monkeypatch):
    """The environment of an account, empty at first."""
    monkeypatch.setenv("OCAMBA_TOKEN", "token")
    monkeypatch.setenv("OCAMBA_BASE_URL", sandbox.url)
    return sandbox


@pytest.fixture
def slow(monkeypatch):
    """An account at which sixty rows take seconds."""
    monkeypatch.setenv("OCAMBA_TOKEN", "token")
    monkeypatch.setenv("OCAMBA_RATE_LIMIT", "memory")
    monkeypatch.setenv("OCAMBA_RATE_LIMIT_TIER", "20/1000")
    with Sandbox(burst=20, steady=1000) as sandbox:
        monkeypatch.setenv("OCAMBA_BASE_URL", sandbox.url)
        yield sandbox


def rows(example, count, start=0):
    """Requests of an example, each with a name of its own."""
    return [{**example.request, "name": f"{example.name} {number}"} for number in range(start, start + count)]


def names(sandbox):
    with sandbox.client() as client:
        return sorted(integration.name for integration in client.integrations.list())


def test_rows_are_checked_planned_and_applied(account, some_example):
    wire = rows(some_example, 3)
    typed = [NewIntegration.from_dict(row) for row in rows(some_example, 2, start=3)]
    mixed = {**wire[0], "name": "mixed", "settings": typed[0].settings}
    fleet = Fleet([*wire, *typed, mixed])
    assert fleet.check() == 6
    plan = fleet.plan(ledger="ledger")
    assert plan.counts == {"create": 6} and "6 create" in str(plan) and not os.path.exists("ledger")
    report = fleet.apply(ledger="ledger")
    assert report.is_complete and report.stopped is None and not report.failed
    assert [row.name for row in report] == [*(row["name"] for row in wire), *(row.name for row in typed), "mixed"]
    assert report.counts["created"] == 6 and report.counts["failed"] == 0 and len({row.id for row in report}) == 6
    assert fleet.apply(ledger="ledger").counts == {"unchanged": 6}
    assert fleet.apply(ledger="another").counts == {"adopted": 6}


def test_planned_change_hides_its_secrets(account, some_example):
    text, secret = some_example.text, some_example.secret
    request = some_example.request
    Fleet([request]).apply(ledger="ledger")
    after = request["settings"][text] + "9"
    changed = {**request, "settings": {**request["settings"], text: after, secret: CANARY}}
    (step,) = Fleet([changed]).plan(ledger="ledger")
    changes = {change.field: change for change in step.changes}
    assert step.action == "update" and changes[f"settings.{text}"].after == after
    assert changes[f"settings.{secret}"].secret and changes[f"settings.{secret}"].after is None
    assert f"settings.{secret}: changes (secret)" in str(step) and CANARY not in str(step)
    assert Fleet([changed]).apply(ledger="ledger").counts == {"updated": 1}


def test_saved_plan_is_applied_exactly_or_not_at_all(account, some_example):
    fleet = Fleet(rows(some_example, 2))
    fleet.plan(save="plan.json")
    with pytest.raises(FleetError, match="plan again") as caught:
        Fleet(rows(some_example, 3)).apply(ledger="ledger", plan="plan.json")
    assert (caught.value.code, caught.value.outcome) == ("stale_plan", "not_sent")
    assert names(account) == []
    assert fleet.apply(ledger="ledger", plan="plan.json").counts == {"created": 2}


def test_profile_overrides_the_environment(account, some_example, tmp_path, monkeypatch):
    monkeypatch.setenv("OCAMBA_CONFIG_DIR", str(tmp_path))
    monkeypatch.setenv("OCAMBA_KEYRING", "off")
    assert Fleet(rows(some_example, 1)).plan().steps
    with pytest.raises(FleetError, match="nobody"):
        Fleet(rows(some_example, 1), profile="nobody").plan()


def test_file_has_a_default_ledger(account, some_example, monkeypatch):
    settings = some_example.request["settings"]
    monkeypatch.setenv("FLEET_SECRET", CANARY)
    with open("-fleet.csv", "w") as file:
        table = csv.writer(file)
        table.writerow(["name", "provider", *(f"settings.{name}" for name in settings)])
        values = {**settings, some_example.secret: "env:FLEET_SECRET"}
        table.writerows([name, some_example.request["provider_id"], *values.values()] for name in ("a", "b"))
    fleet = Fleet("-fleet.csv", references="env:FLEET_")
    plan = fleet.plan(save="plan.json")
    assert fleet.check() == 2 and plan.counts == {"create": 2}
    reference = f"{some_example.secret}=env:FLEET_SECRET"
    assert {step.references for step in plan} == {reference} and f"reads {reference}" in str(plan)
    with pytest.raises(FleetError, match="other references"):
        Fleet("plan.json").apply()
    report = Fleet("plan.json", references=("env:FLEET_",)).apply()
    assert report.counts == {"created": 2} and {row.references for row in report} == {reference}
    assert os.path.exists("-fleet.csv.ledger")
    with pytest.raises(FleetError, match="not-there.csv") as caught:
        Fleet("not-there.csv").check()
    assert (caught.value.code, caught.value.outcome) == ("file", "not_sent")


@pytest.mark.parametrize("kind", [list, iter, lambda rows: (NewIntegration.from_dict(row) for row in rows)])
def test_rows_of_a_program_refer_to_nothing_unless_it_says_so(account, control, some_example, monkeypatch, kind):
    monkeypatch.setenv("FLEET_SECRET", CANARY)
    texts = ["env:OCAMBA_TOKEN", "env:FLEET_SECRET", "file:/etc/passwd", "keyring:k", "text:env:FLEET_SECRET"]
    settings = [{**some_example.request["settings"], some_example.secret: text} for text in texts]
    rows = [{**some_example.request, "name": f"row {number}", "settings": one} for number, one in enumerate(settings)]

    def sent():
        with account.client() as client:
            found = {integration.name: integration.settings.to_dict(reveal=True) for integration in client.integrations.list()}
        return [found[f"row {number}"][some_example.secret] for number in range(len(found))]

    assert Fleet(kind(rows)).apply(ledger="off").is_complete and sent() == texts
    allowed = [rows[1], rows[4]]
    report = Fleet(kind(allowed), references=["env:FLEET_"]).apply(ledger="on")
    assert report.is_complete and [row.references for row in report] == [f"{some_example.secret}=env:FLEET_SECRET", None]
    assert [sent()[1], sent()[4]] == [CANARY, "env:FLEET_SECRET"]
    with pytest.raises(InvalidRowsError) as caught:
        Fleet(kind(rows), references="env:FLEET_").check()
    assert [error.line for error in caught.value.row_errors] == [1, 3, 4]
    assert not any(name in str(caught.value) for name in ("OCAMBA_TOKEN", "passwd", "keyring:k"))
    for references in ("env:", "env:OCAMBA_", "keyring:ocamba", "file:/nowhere", "", "env", "x:y"):
        with pytest.raises(FleetError) as refused:
            Fleet(kind(rows), references=references).check()
        assert refused.value.outcome == "not_sent"
    with pytest.raises(TypeError, match="references"):
        Fleet(rows, references=[5])


def test_stored_token_goes_only_where_a_program_says(sandbox, some_example, monkeypatch, tmp_path):
    monkeypatch.setenv("OCAMBA_CONFIG_DIR", str(tmp_path / "profiles"))
    monkeypatch.setenv("OCAMBA_KEYRING", "off")
    program = binary("fleet")
    subprocess.run([program, "auth", "login", "--no-check", "--base-url", "https://127.0.0.1:1"], input=b"token", check=True)
    monkeypatch.setenv("OCAMBA_BASE_URL", sandbox.url)
    with pytest.raises(FleetError, match="https://127.0.0.1:1"):
        Fleet(rows(some_example, 1)).plan()
    assert Fleet(rows(some_example, 1), base_url=sandbox.url).plan().counts == {"create": 1}


def test_invalid_rows_are_all_reported(sandbox, control, some_example):
    wrong = [{"name": ""}] * 60 + [some_example.request] * 2
    fleet = Fleet(wrong, token="token", base_url=sandbox.url)
    for attempt in (fleet.check, fleet.plan, lambda: fleet.apply(ledger="ledger")):
        with pytest.raises(InvalidRowsError) as caught:
            attempt()
        error = caught.value
        assert isinstance(error, (HoodError, ValidationError)) and error.outcome == "not_sent"
        assert error.count == len(error.row_errors) == len(error.field_errors) > 60
        assert {row_error.line for row_error in error.row_errors} == {*range(1, 61), 62}
        assert (error.row_errors[0].file, error.row_errors[0].field) == ("rows", "name")
        assert "rows:1: name must" in str(error) and "more, in .row_errors" in str(error)
        for again in (pickle.loads(pickle.dumps(error)), type(error)(*json.loads(json.dumps(error.args)))):
            assert (vars(again), str(again)) == (vars(error), str(error)), "as from the worker of a pool or a task queue"
    assert control.asked() == 0


def test_source_without_rows_is_rejected(some_example):
    for source in (3, None, b"bytes", some_example.request, some_example.typed):
        with pytest.raises(TypeError, match="rows must be a path, an iterable of requests, or a table"):
            Fleet(source)
    for row in (3, "text", [], {"name": object()}, {"name": [float("nan")]}):
        with pytest.raises(TypeError, match="row 2 cannot be written as JSON"):
            Fleet([some_example.request, row]).check()
    with pytest.raises(TypeError, match="apply requires a ledger"):
        Fleet([some_example.request]).apply()
    with pytest.raises(TypeError, match=r"Fleet\.token must be str or Secret, not int"):
        Fleet([], token=3)
    with pytest.raises(FleetError, match="timeout") as caught:
        Fleet([], timeout=-1).check()
    assert caught.value.code == "bad_input"


def test_typed_settings_name_their_provider(sandbox, example, some_example):
    settings, wire = example.typed.settings, example.request
    names = [{}, {"provider_id": wire["provider_id"]}, {"provider": f" {type(settings).__name__.upper()} "}, {"provider": settings._title}]
    fleet = Fleet([{"name": f"n{number}", "settings": settings, **one} for number, one in enumerate(names)])
    assert fleet.check() == 4
    untyped = UnknownProvider(provider_id=wire["provider_id"], settings=wire["settings"])
    assert Fleet([{"name": f"n{number}", "settings": untyped, **one} for number, one in enumerate(names)]).check() == 4
    for name in ("provider", "provider_id"):
        if example.name != some_example.name:
            with pytest.raises(TypeError, match="row 1 .*whose provider_id is .*, not the given one"):
                Fleet([{"name": "a", name: some_example.request["provider_id"], "settings": settings}]).check()


def test_field_that_is_not_json_is_named(some_example):
    settings = some_example.request["settings"]
    for row, field in (
        ({"name": datetime.date(2026, 1, 1)}, "name: .*not date"),
        ({"settings": {**settings, some_example.text: decimal.Decimal(1)}}, f"settings.{some_example.text}: .*not Decimal"),
        ({"settings": {**settings, "deep": [float("inf")]}}, "settings.deep: "),
        ({f"settings.{some_example.text}": b"bytes"}, f"settings.{some_example.text}: .*not bytes"),
    ):
        with pytest.raises(TypeError, match=f"row 1 cannot be written as JSON: {field}"):
            Fleet([{**some_example.request, **row}]).check()
    empty = types.MappingProxyType({**settings, "foreign": float("nan")})
    assert Fleet([types.MappingProxyType({**some_example.request, "settings": empty})]).check() == 1


async def listen(progress):
    """Nobody would await it."""


def test_option_of_a_wrong_type_is_named(account, some_example):
    fleet = Fleet([some_example.request])
    for options, message in (
        ({"plan": fleet.plan()}, r"plan must be the path of a plan that plan\(save=...\) wrote, not Plan"),
        ({"ledger": b"x"}, "ledger must be a path, not bytes"),
        ({"ledger": 5}, "ledger must be a path, not int"),
        ({"ledger": True}, "ledger must be a path, not bool"),
        ({"failed": 5}, "failed must be a path"),
        ({"in_flight": True}, "in_flight must be a whole number, not bool"),
        ({"in_flight": 1.5}, "in_flight must be a whole number, not float"),
        ({"reconcile_timeout": datetime.timedelta(seconds=1)}, "reconcile_timeout must be a number of seconds, not timedelta"),
        ({"on_progress": 5}, "on_progress must be a function, not int"),
        ({"on_progress": listen}, "on_progress must be a plain function"),
    ):
        with pytest.raises(TypeError, match=message):
            fleet.apply(**{"ledger": "ledger", **options})
    with pytest.raises(TypeError, match="save must be a path"):
        fleet.plan(save=5)
    for timeout in (True, "5", datetime.timedelta(seconds=5)):
        with pytest.raises(TypeError, match="timeout must be a number of seconds"):
            Fleet([some_example.request], timeout=timeout)
    with pytest.raises(TypeError, match="Fleet.allow_unknown_provider must be bool, not str"):
        Fleet([some_example.request], allow_unknown_provider="no")
    assert Fleet([some_example.request], references=None, ignore_columns=None).check() == 1
    columns = numpy.array(["a", "b"])
    assert Fleet([some_example.request], ignore_columns=columns, references=columns[:0], allow_unknown_provider=numpy.False_).check() == 1
    assert os.listdir() == []


def test_iterator_is_read_once_and_lazily(account, some_example):
    seen = []

    def generated():
        for row in rows(some_example, 5):
            seen.append(row["name"])
            yield row

    fleet = Fleet(generated())
    assert seen == []
    assert fleet.apply(ledger="ledger").counts == {"created": 5}
    with pytest.raises(TypeError, match="generator, which can be read only once"):
        fleet.check()


def test_broken_iterator_sends_nothing(account, control, some_example):
    def broken():
        yield from rows(some_example, 500)
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        Fleet(broken()).apply(ledger="ledger")
    assert control.asked() == 0


def test_failed_rows_are_reported_and_can_be_applied_again(account, control, some_example):
    control.fail(fault={"answer": {"status": 400}}, name=f"{some_example.name} 1")
    wire = rows(some_example, 3)
    report = Fleet(wire).apply(ledger="ledger", failed="failed.jsonl")
    assert [row.outcome for row in report] == ["created", "failed", "created"]
    assert not report.is_complete and report.failed == (report[1],)
    assert report[1].code == "bad_request" and report[1].message and report[1].id is None
    assert json.loads(Path("failed.jsonl").read_text())["name"] == wire[1]["name"]
    control.fail()
    assert Fleet([wire[row.line - 1] for row in report.failed]).apply(ledger="ledger").counts == {"created": 1}


def test_progress_is_reported(account, some_example, capfd):
    seen = []
    Fleet(rows(some_example, 5)).apply(ledger="ledger", on_progress=seen.append)
    assert all(isinstance(progress, Progress) for progress in seen)
    assert (seen[0].total, seen[0].done) == (5, 0) and (seen[-1].done, seen[-1].failed) == (5, 0)
    assert capfd.readouterr().err == ""
    Fleet(rows(some_example, 5)).apply(ledger="ledger", progress=True)
    assert "5/5" in capfd.readouterr().err


@pytest.mark.parametrize("how", ["stop", "raise"])
def test_run_can_be_stopped_from_its_progress(slow, some_example, how):
    fleet = Fleet(rows(some_example, 60))

    def listen(progress):
        if progress.done:
            fleet.stop() if how == "stop" else 1 / 0

    if how == "stop":
        report = fleet.apply(ledger="ledger", on_progress=listen)
        assert report.stopped and 0 < report.counts["created"] < 60 and report.counts["pending"]
    else:
        with pytest.raises(ZeroDivisionError):
            fleet.apply(ledger="ledger", on_progress=listen)
    made = names(slow)
    assert 0 < len(made) < 60
    assert fleet.apply(ledger="ledger", reconcile_timeout=0.2).is_complete
    assert names(slow) == sorted(row["name"] for row in rows(some_example, 60))


def test_killed_program_can_be_resumed(slow, some_example):
    fleet = Fleet(rows(some_example, 60))

    def kill(progress):
        if progress.done:
            (task,) = fleet._tasks
            task._process.kill()

    with pytest.raises(FleetError, match="killed by signal 9") as caught:
        fleet.apply(ledger="ledger", on_progress=kill)
    assert (caught.value.code, caught.value.outcome) == ("crashed", "unknown") and "same ledger" in str(caught.value)
    assert len(names(slow)) < 60
    assert fleet.apply(ledger="ledger", reconcile_timeout=0.2).is_complete
    assert names(slow) == sorted(row["name"] for row in rows(some_example, 60))


PROGRAM = """
import json, sys
from ocamba_hood.fleet import Fleet
listen = lambda progress: progress.done and print("in flight", flush=True)
Fleet(json.loads(sys.argv[1])).apply(ledger="ledger", on_progress=listen)
"""


def start(wire):
    command = [sys.executable, "-I", "-c", PROGRAM, json.dumps(wire)]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, start_new_session=True)
    assert process.stdout.readline() == "in flight\n"
    return process


def when_the_ledger_is_free(fleet):
    deadline = time.monotonic() + 20
    while True:
        try:
            return fleet.apply(ledger="ledger", reconcile_timeout=0.2)
        except FleetError as error:
            if error.code != "ledger_in_use" or time.monotonic() > deadline:
                raise


def test_program_ends_with_its_parent(slow, some_example):
    wire = rows(some_example, 60)
    with start(wire) as process:
        process.kill()
    report = when_the_ledger_is_free(Fleet(wire))
    # If the program had not ended, all rows would be unchanged.
    assert report.is_complete and report.counts["unchanged"] < 60
    assert names(slow) == sorted(row["name"] for row in wire)


def test_ctrl_c_finishes_requests_in_flight(slow, some_example):
    wire = rows(some_example, 60)
    with start(wire) as process:
        # A terminal signals all of its programs at once.
        os.killpg(process.pid, signal.SIGINT)
        _, errors = process.communicate()
    assert errors.strip().endswith("KeyboardInterrupt: the run was stopped; apply again with the same ledger to resume it")
    made = len(names(slow))
    report = Fleet(wire).apply(ledger="ledger", reconcile_timeout=0.2)
    assert report.counts == {"unchanged": made, "created": 60 - made} and 0 < made < 60


def test_async_fleet_applies_rows(account, some_example):
    seen = []

    async def main():
        loop = asyncio.get_running_loop()
        fleet = AsyncFleet(rows(some_example, 4))
        assert await fleet.check() == 4 and (await fleet.plan()).counts == {"create": 4}
        listen = lambda progress: seen.append((progress, asyncio.get_running_loop() is loop))
        return await fleet.apply(ledger="ledger", on_progress=listen)

    assert asyncio.run(main()).counts == {"created": 4}
    assert seen and all(on_loop for _, on_loop in seen)


def test_cancelled_task_finishes_requests_in_flight(slow, some_example):
    wire = rows(some_example, 60)

    async def main():
        under_way = asyncio.Event()
        listen = lambda progress: progress.done and under_way.set()
        task = asyncio.create_task(AsyncFleet(wire).apply(ledger="ledger", on_progress=listen))
        await under_way.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    made = len(names(slow))
    assert Fleet(wire).apply(ledger="ledger", reconcile_timeout=0.2).counts == {"unchanged": made, "created": 60 - made}


def test_ledger_refuses_a_second_run_and_shows_the_first(slow, some_example):
    # It runs longer than two programs may take to start.
    fleet = Fleet(rows(some_example, 600))
    refused, running = [], []

    def listen(progress):
        if not refused and progress.done:
            running.append(fleet.status(ledger="ledger"))
            with pytest.raises(FleetError) as caught:
                Fleet(rows(some_example, 1)).apply(ledger="ledger")
            refused.append((caught.value.code, caught.value.outcome))
            fleet.stop()

    fleet.apply(ledger="ledger", on_progress=listen)
    assert refused == [("ledger_in_use", "not_sent")]
    assert running[0].is_running and running[0].counts["done"] > 0 and len(running[0]) < 601
    assert not fleet.status(ledger="ledger").is_running


def test_export_is_changed_and_applied(account, some_example, monkeypatch):
    first, second = rows(some_example, 2)
    Fleet([first, second]).apply(ledger="ledger")
    account_file = Fleet("account.csv")
    export = account_file.export()
    assert export.rows == 2 and export.variables and not export.left_out
    text = Path("account.csv").read_text()
    assert some_example.request["settings"][some_example.secret] not in text and os.stat("account.csv").st_mode & 0o77 == 0
    for variable in export.variables:
        monkeypatch.setenv(variable, some_example.request["settings"][some_example.secret])
    assert Fleet("account.csv", references=export.references).plan().counts == {"unchanged": 2}

    async def revealed():
        fleet = AsyncFleet("account.jsonl", ignore_columns="NOTES", allow_unknown_provider=True)
        return await fleet.export(ledger="account.ledger", reveal=True)

    assert asyncio.run(revealed()).variables == ()
    renamed = Fleet([{**first, "name": "renamed"}, second]).plan(ledger="account.ledger")
    assert renamed.counts == {"update": 1, "unchanged": 1}
    with pytest.raises(TypeError, match="export writes the account to a file"):
        Fleet([first]).export()
    with pytest.raises(FleetError, match="workbooks are only read"):
        Fleet("account.xlsx").export()


def test_status_and_orphans_are_those_of_the_ledger(account, some_example):
    first, second = rows(some_example, 2)
    Path("fleet.jsonl").write_text(f"{json.dumps(first)}\n{json.dumps(second)}\n")
    fleet = Fleet("fleet.jsonl", ignore_columns="NOTES")
    with pytest.raises(FleetError, match="has no ledger"):
        Fleet("nothing.jsonl").status()
    fleet.apply()
    status = fleet.status()
    assert [(row.name, row.state, row.action) for row in status] == [(row["name"], "done", "create") for row in (first, second)]
    assert (status.is_running, status.counts, len(status.to_pandas())) == (False, {"done": 2}, 2)
    assert Fleet([first]).status(ledger="fleet.jsonl.ledger").rows == status.rows
    with pytest.raises(TypeError, match="status requires a ledger"):
        Fleet([first]).status()
    assert not fleet.plan().orphans
    plan = Fleet([first]).plan(ledger="fleet.jsonl.ledger")
    assert [(orphan.name, orphan.id) for orphan in plan.orphans] == [(second["name"], status.rows[1].id)]
    assert f'in no row: "{second["name"]}"' in str(plan)


def test_unreachable_account_error_names_the_stage(some_example):
    away = {"token": "token", "base_url": "http://127.0.0.1:1", "rate_limit": "off"}
    with pytest.raises(FleetError) as caught:
        Fleet(rows(some_example, 1), **away).plan()
    assert (caught.value.code, caught.value.outcome, caught.value.stage) == ("connection", "not_sent", "tcp")


@pytest.mark.parametrize("hide", [str, Secret])
def test_fleet_shows_no_secret(sandbox, control, example, hide):
    request = {**example.request, "settings": {**example.request["settings"], example.secret: hide(CANARY)}}
    other = {**request, "name": "other"}
    fleet = Fleet([request, other], token=hide(CANARY), base_url=sandbox.url, rate_limit="off")
    seen = []

    def listen(progress):
        (task,) = fleet._tasks
        with open(f"/proc/{task._process.pid}/cmdline") as file:
            seen.append(file.read())
        seen.extend([repr(progress), repr(fleet._tasks), repr(task._process)])

    control.fail(fault={"answer": {"status": 400}}, name="other")
    plan = fleet.plan(save="plan.json")
    report = fleet.apply(ledger="ledger", on_progress=listen)
    seen.extend(shown(fleet))
    seen.extend([*shown(plan), *shown(report), *map(str, report), *map(str, plan), str(report.to_list())])
    report.write("report.csv")
    assert report.counts == {"created": 1, "failed": 1} and len(seen) > 10
    assert not any(CANARY in text for text in seen)
    for file in os.listdir():
        assert CANARY.encode() not in Path(file).read_bytes(), file
    odd, nameless = {**request, "name": object()}, {**request, "name": ""}
    for wrong in ([request, odd], [request, nameless], [request, 3], {CANARY: CANARY}):
        with pytest.raises((TypeError, InvalidRowsError)) as caught:
            Fleet(wrong, token=hide(CANARY), base_url=sandbox.url).check()
        assert CANARY not in everything_of(caught.value)
