"""`maxserve tasks`, on a database beside which no server runs, and on one of a running server."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from maxserve.chat import Usage
from maxserve.cli.main import main
from maxserve.server.migrations import MIGRATIONS, TABLES
from maxserve.store.open import open_database
from maxserve.tasks import Delivery, NewTask, queue
from maxserve.tasks.result import TaskResult
from maxserve.tasks.retention import expire
from maxserve.webhooks import outbox
from maxserve.webhooks.delivery import DeliveryAttempt
from tests.support.runware import ask, task
from tests.support.scripted import scripted

NOW = 1_795_273_200.0
URL = "https://example.com/hooks?token=s3cret"
KEY = "0123456789ab"
NAMES = ("00000001", "00000002", "00000011", "00000012", "00000013")


def id_of(beginning: str) -> str:
    return f"{beginning}-6f3b-4c0e-9a58-3a8d3a5b1c11"


def news(beginning: str, *, owner: str = "", delivery: Delivery = "async", model: str = "MiniMax-M2.7") -> NewTask:
    asked = {"taskType": "textInference", "taskUUID": id_of(beginning), "model": "minimax:m2.7@0"}
    said = [{"role": "user", "content": "Hi \x1b[31m from jane.doe@example.com"}]
    payload = {"task": {**asked, "messages": said}, "seed": 7}
    return NewTask(
        owner=owner, id=id_of(beginning), kind="runware", delivery=delivery, payload=json.dumps(payload).encode(),
        model=model, webhook=URL,
    )  # fmt: skip


def fill(connection: Connection) -> None:
    """Two tasks wait, one has succeeded, one failed, one of a key runs."""
    queue.submit(connection, [news("00000001"), news("00000002", model="MiniMax-M3")], NOW, 100)
    done = queue.begin(connection, news("00000011", delivery="sync"), "w", NOW - 60, 30)
    result = b'{"text":"Hello"}'
    queue.finish(
        connection, done, TaskResult(state="succeeded", results=(result,), usage=Usage(14, 9), cost=0.000015,
                                 webhook_bodies=(result,)), NOW - 55,
    )  # fmt: skip
    broken = queue.begin(connection, news("00000012", delivery="sync"), "w", NOW - 50, 30)
    error = b'{"code":"inferenceError","message":"It broke."}'
    queue.finish(connection, broken, TaskResult(state="failed", error=error, error_code="engine_crashed"), NOW - 48)
    queue.begin(connection, news("00000013", owner=KEY, delivery="stream"), "w", NOW - 90, 30)
    (hook,) = outbox.claim(connection, "w", lambda: NOW - 50, lease_s=10, limit=5, per_receiver=5)
    attempt = DeliveryAttempt(at=NOW - 50, took_s=0.25, status=500, reason="The receiver answered 500.")
    outbox.record(connection, hook.id, "w", attempt, NOW - 50, state="failed")


def on(folder: Path, work: Callable[[Connection], Any], url: str | None = None) -> Any:
    """Change a database, that of a data directory unless it has an address, as a server would."""

    async def change() -> Any:
        database = open_database(url, folder, TABLES, MIGRATIONS)
        try:
            return await database.write(work)
        finally:
            await database.close()

    return asyncio.run(change())


@pytest.fixture
def tasks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Call `maxserve tasks` on a filled database: exit code, standard output and standard error."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MAXSERVE_DATA_DIR", str(tmp_path / "data"))
    on(tmp_path / "data", fill)

    def call(*words: str) -> tuple[int, str, str]:
        code = main(["tasks", *words])
        return code, *capsys.readouterr()

    return call


def shown(tasks: Any, *words: str) -> Any:
    code, out, err = tasks(*words, "--json")
    assert (code, err) == (0, "")
    return json.loads(out)


def states(tasks: Any) -> dict[str, str]:
    return {one["id"][:8]: one["state"] for one in shown(tasks)["tasks"]}


def test_where_there_is_no_database_none_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for words in (["--data-dir", "d"], ["list", "--data-dir", "d"], ["webhooks", "--data-dir", "d"]):
        assert main(["tasks", *words]) == 1
        out, err = capsys.readouterr()
        assert out == ""
        there = Path("d").absolute() / "maxserve.db"
        assert err == f"maxserve: There is no database yet at {there}: no task was ever accepted there.\n"
    assert not Path("d").exists()


def test_the_table(tasks: Any) -> None:
    code, out, err = tasks()
    lines = [line.split() for line in out.splitlines()]
    assert (code, err) == (0, "")
    assert [line[0][:8] for line in lines[1:]] == ["00000002", "00000001", "00000012", "00000011", "00000013"]
    assert lines[4][:5] == [id_of("00000011"), "-", "MiniMax-M2.7", "sync", "succeeded"]
    assert lines[4][5:] == ["2026-11-21T14:59:00Z", "5.00", "s", "23", "0.000015"]
    assert lines[3][-1] == "engine_crashed"
    assert lines[5][1] == KEY
    assert tasks("list")[1].split("took")[0] == out.split("took")[0]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["--state", "queued"], ["00000002", "00000001"]),
        (["--model", "minimax/m3"], ["00000002"]),
        (["--key", KEY], ["00000013"]),
        (["--key", f"sha256:{KEY}{'0' * 52}"], ["00000013"]),
        (["--since", "2026-11-21T14:59:01"], ["00000002", "00000001", "00000012"]),
        (["--limit", "1"], ["00000002"]),
        (["--since", "1s", "--state", "failed"], []),
    ],
)
def test_filters(tasks: Any, words: list[str], found: list[str]) -> None:
    assert [one["id"][:8] for one in shown(tasks, "list", *words)["tasks"]] == found
    assert [one["id"][:8] for one in shown(tasks, *words)["tasks"]] == found


def test_it_says_that_there_are_more_or_none(tasks: Any) -> None:
    assert tasks("--limit", "2")[2] == "These are the latest 2; --limit N shows more.\n"
    assert tasks("--state", "cancelled") == (0, "", "There is no such task.\n")


def test_show(tasks: Any) -> None:
    code, out, err = tasks("show", "00000011-6")
    assert (code, err) == (0, "")
    for text in ("tokens    14 read, 9 written", "cost      $0.00001500", '    "text": "Hello"', "\n  msg_", URL):
        assert text in out
    assert "\x1b" not in out
    whole = shown(tasks, "show", id_of("00000011").upper())
    assert whole["results"] == [{"text": "Hello"}]
    assert whole["request"]["messages"][0]["content"] == "Hi \x1b[31m from jane.doe@example.com"
    assert [(hook["state"], hook["status"]) for hook in whole["webhooks"]] == [("failed", 500)]
    assert [attempt["status"] for attempt in whole["webhooks"][0]["history"]] == [500]
    assert '"message": "It broke."' in tasks("show", "00000012")[1]


def test_show_masks_as_the_server_does(tasks: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAXSERVE_MASKING_ENABLED", "true")
    assert shown(tasks, "show", "00000012")["request"]["messages"][0]["content"] == "Hi \x1b[31m from ***"


def test_what_has_expired_says_so(tasks: Any, tmp_path: Path) -> None:
    on(tmp_path / "data", lambda connection: expire(connection, NOW, 1))
    assert "What was asked and answered has expired" in tasks("show", "00000012")[1]
    assert tasks("retry", "00000012")[0] == 1
    assert tasks("retry", "00000012")[2].endswith("has expired: what it asked is no longer kept.\n")
    assert shown(tasks, "retry", "--all", "--state", "failed") == {"ids": []}


def test_beginnings_of_ids(tasks: Any, tmp_path: Path) -> None:
    assert tasks("show", "00000009")[::2] == (1, "maxserve: There is no task whose id begins with 00000009.\n")
    code, _, err = tasks("show", "0000001")
    assert (code, err.count("00000012")) == (1, 1)
    assert err.startswith("maxserve: Several tasks have an id that begins with 0000001: ")
    on(tmp_path / "data", lambda connection: queue.submit(connection, [news("00000011", owner=KEY)], NOW, 9))
    assert "Several keys have a task" in tasks("show", "00000011")[2]
    assert shown(tasks, "show", "00000011", "--key", KEY)["state"] == "queued"
    assert tasks("show", "%")[0] == 1


def test_cancel(tasks: Any) -> None:
    code, out, err = tasks("cancel", "00000001", "00000011", "00000013")
    assert code == 1
    assert out.splitlines() == [
        f"The task {id_of('00000001')} will not run: a server that runs cancels it now, else the next one that starts.",
        f"The task {id_of('00000013')} runs; whoever runs it has been told to stop.",
    ]
    assert err == f"maxserve: The task {id_of('00000011')} has succeeded already: there is nothing left to cancel.\n"
    cancelling = {one["id"][:8] for one in shown(tasks)["tasks"] if one["cancelling"]}
    assert cancelling == {"00000001", "00000013"}


def test_retry(tasks: Any) -> None:
    assert tasks("retry", "00000012")[:2] == (0, f"The task {id_of('00000012')} is queued again.\n")
    assert states(tasks)["00000012"] == "queued"
    code, _, err = tasks("retry", "00000012")
    assert (code, err) == (
        1, f"maxserve: The task {id_of('00000012')} is queued: only failed and cancelled ones can be tried again.\n"
    )  # fmt: skip


def test_retry_all_that_failed(tasks: Any) -> None:
    assert tasks("retry", "--all", "--state", "failed", "--model", "minimax/m3")[1] == "There is no such task.\n"
    assert shown(tasks, "retry", "--all", "--state", "failed") == {"ids": [id_of("00000012")]}
    assert states(tasks)["00000012"] == "queued"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["retry"], "Say which tasks: some by their ids, or --all --state failed."),
        (["retry", "--all"], "--all needs --state: failed or cancelled."),
        (["retry", "x", "--all", "--state", "failed"], "Say which tasks"),
        (["list", "--since", "yesterday"], "--since yesterday: say how long ago (90s, 30m, 2h, 7d) or when"),
        (["webhooks", "replay"], "Say which deliveries: some by their ids, --task ID, or --all --state failed."),
        (["webhooks", "replay", "--all"], "--all needs --state: failed, disabled, delivered."),
    ],
)
def test_a_wrong_call_exits_with_2(tasks: Any, words: list[str], said: str) -> None:
    code, out, err = tasks(*words)
    assert (code, out) == (2, "")
    assert said in err


def test_unknown_models_and_databases(tasks: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "minimax/m9" in tasks("--model", "minimax/m9")[2]
    monkeypatch.setenv("MAXSERVE_STORE_URL", "mysql://host/name")
    assert tasks()[::2] == (1, "maxserve: The database must be SQLite or PostgreSQL, not mysql.\n")
    monkeypatch.setenv("MAXSERVE_STORE_URL", "sqlite:////nowhere/at/all.db")
    assert "There is no database yet at /nowhere/at/all.db" in tasks()[2]


def test_on_both_databases(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MAXSERVE_STORE_URL", database_url)
    on(tmp_path, fill, database_url)
    assert main(["tasks", "retry", "00000012"]) == 0
    assert main(["tasks", "cancel", "00000001"]) == 0
    capsys.readouterr()
    assert main(["tasks", "--json", "--state", "queued"]) == 0
    found = {one["id"][:8]: one["cancelling"] for one in json.loads(capsys.readouterr().out)["tasks"]}
    assert found == {"00000001": True, "00000002": False, "00000012": False}
    assert main(["tasks", "webhooks", "replay", "--task", "00000011", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["webhooks"][0]["state"] == "waiting"


def test_webhooks(tasks: Any) -> None:
    code, out, err = tasks("webhooks")
    _, row = out.splitlines()
    assert (code, err) == (0, "")
    assert "s3cret" not in out
    assert row.split()[1:4] == [id_of("00000011"), "https://example.com/hooks?…", "failed"]
    (one,) = shown(tasks, "webhooks", "list", "--task", "00000011")["webhooks"]
    assert shown(tasks, "webhooks", "--state", "delivered") == {"webhooks": []}
    whole = shown(tasks, "webhooks", "show", one["id"][:10])
    assert whole["body"] == {"text": "Hello"}
    assert [(attempt["status"], attempt["took_s"]) for attempt in whole["history"]] == [(500, 0.25)]
    out = tasks("webhooks", "show", one["id"])[1]
    assert URL in out
    assert "2026-11-21T14:59:10Z  0.25 s     500  The receiver answered 500." in out
    assert tasks("webhooks", "show", "msg_9")[0] == 1


def test_webhooks_are_sent_again(tasks: Any) -> None:
    (one,) = shown(tasks, "webhooks")["webhooks"]
    said = f"The delivery {one['id']} is due now, and sent by whichever server runs.\n"
    assert tasks("webhooks", "replay", one["id"]) == (0, said, "")
    assert shown(tasks, "webhooks")["webhooks"][0]["state"] == "waiting"
    assert shown(tasks, "webhooks", "replay", "--all", "--state", "failed") == {"webhooks": []}
    assert [each["id"] for each in shown(tasks, "webhooks", "replay", "--task", "00000011")["webhooks"]] == [one["id"]]
    code, out, err = tasks("webhooks", "replay", "msg_9", one["id"])
    assert (code, out) == (1, said)
    assert "There is no delivery whose id begins with msg_9." in err


def test_addresses_that_asked_for_no_more(tasks: Any, tmp_path: Path) -> None:
    assert tasks("webhooks", "endpoints") == (0, "", "No address asked for no more requests.\n")

    def gone(connection: Connection) -> None:
        outbox.enqueue(connection, "", id_of("00000011"), URL, (b"{}",), NOW)
        (hook,) = outbox.claim(connection, "w", lambda: NOW, lease_s=10, limit=1, per_receiver=1)
        outbox.record(
            connection, hook.id, "w", DeliveryAttempt(at=NOW, status=410, reason="Gone."), NOW, state="disabled"
        )

    on(tmp_path / "data", gone)
    assert URL in tasks("webhooks", "endpoints")[1]
    assert tasks("webhooks", "enable", URL)[0] == 0
    assert shown(tasks, "webhooks", "endpoints") == {"endpoints": []}
    assert tasks("webhooks", "enable", URL)[::2] == (
        1, "maxserve: That address is not disabled; `maxserve tasks webhooks endpoints` lists those that are.\n"
    )  # fmt: skip


def test_a_running_server_sees_it(capsys: pytest.CaptureFixture[str]) -> None:
    """A running task and a waiting one are cancelled, and the second is tried again: by another process."""
    with scripted(environ={"MAXSERVE_TASKS_CONCURRENCY": "1", "MAXSERVE_TASKS_POLL_S": "0.1"}) as served:
        served.say("Hm", stuck=True)
        running, waiting = (task(deliveryMethod="async") for _ in range(2))
        ask(served, [running, waiting])
        folder = ["--data-dir", str(served.folder)]

        def state(of: dict[str, Any], wanted: str) -> None:
            deadline = time.monotonic() + 30
            while True:
                capsys.readouterr()
                assert main(["tasks", "show", of["taskUUID"], "--json", *folder]) == 0
                if json.loads(capsys.readouterr().out)["state"] == wanted:
                    return
                assert time.monotonic() < deadline
                time.sleep(0.02)

        state(running, "running")
        assert main(["tasks", "cancel", waiting["taskUUID"], running["taskUUID"], *folder]) == 0
        state(waiting, "cancelled")
        state(running, "cancelled")
        served.say("Hm.\n</think>\n\nYes.")
        assert main(["tasks", "retry", waiting["taskUUID"], *folder]) == 0
        state(waiting, "succeeded")
