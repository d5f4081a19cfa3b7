"""The worker: in order, off the main thread, and patient with screens that are gone."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from returnee_desk.errors import DeskError, Refused
from returnee_desk.ui import work as work_module
from returnee_desk.ui.work import AtOnce, Report, Work


class SmallDesk:
    """Counts what is asked of it and remembers the thread it was asked on."""

    def __init__(self) -> None:
        self.asked = 0
        self.threads: set[int] = set()
        self.open = True

    def ask(self) -> int:
        assert self.open
        self.asked += 1
        self.threads.add(threading.get_ident())
        return self.asked

    def close(self) -> None:
        self.open = False


@pytest.fixture
def desk() -> SmallDesk:
    return SmallDesk()


@pytest.fixture
def work(qapp: QApplication, desk: SmallDesk, qtbot: QtBot) -> Iterator[Work]:
    one = Work()
    owner = QObject()
    one.open(owner, lambda: (desk, None))
    qtbot.waitUntil(lambda: one.idle)
    yield one
    one.finish()


def test_thousands_of_jobs_are_all_answered_in_order(work: Work, desk: SmallDesk, qtbot: QtBot) -> None:
    owner = QObject()
    answers: list[int] = []
    for _ in range(5_000):
        work.run(owner, SmallDesk.ask, done=answers.append)
    qtbot.waitUntil(lambda: work.idle, timeout=30_000)
    assert answers == list(range(1, 5_001))
    assert len(desk.threads) == 1
    assert threading.get_ident() not in desk.threads


def test_half_of_thousands_of_screens_gone_disturbs_nobody(work: Work, qtbot: QtBot) -> None:
    owners = [QObject() for _ in range(2_000)]
    answers: list[int] = []
    for n, owner in enumerate(owners):
        work.run(owner, SmallDesk.ask, done=answers.append)
        if n % 2:
            owner.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    qtbot.waitUntil(lambda: work.idle, timeout=30_000)
    assert len(answers) >= 1_000
    assert len(answers) < 2_000


def test_between_answers_the_main_thread_looks_at_its_events(work: Work, qtbot: QtBot) -> None:
    everything_done = threading.Event()
    looks: list[int] = []
    answers: list[int] = []

    def slow_answer(answer: int) -> None:
        answers.append(answer)
        end = time.perf_counter() + 0.002
        while time.perf_counter() < end:
            pass

    timer = QTimer(work)
    timer.timeout.connect(lambda: looks.append(len(answers)))
    timer.start(0)
    for _ in range(300):
        work.run(work, SmallDesk.ask, done=slow_answer)
    work.run(work, lambda _desk: everything_done.set())
    assert everything_done.wait(30)
    qtbot.waitUntil(lambda: work.idle, timeout=30_000)
    between = {n for n in looks if 0 < n < 300}
    assert len(between) >= 10, "the answers were given in one go"


def test_what_the_world_does_comes_back_as_the_screens_error(work: Work, qtbot: QtBot) -> None:
    def refuse(_desk: Any) -> None:
        raise Refused("service_limit")

    failed: list[DeskError] = []
    work.run(QObject(parent=work), refuse, failed=failed.append)
    qtbot.waitUntil(lambda: bool(failed))
    assert failed[0].code == "service_limit"


def test_an_error_nobody_asked_for_is_announced(work: Work, qtbot: QtBot) -> None:
    def refuse(_desk: Any) -> None:
        raise Refused("stick_gone")

    with qtbot.waitSignal(work.failed) as told:
        work.run(work, refuse)
    assert told.args[0].code == "stick_gone"


def test_our_own_fault_reaches_the_one_handler_and_frees_the_screen(
    work: Work, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    caught: list[type[BaseException]] = []
    monkeypatch.setattr(sys, "excepthook", lambda kind, _error, _trace: caught.append(kind))
    failed: list[DeskError] = []
    work.run(work, lambda _desk: 1 // 0, failed=failed.append)
    qtbot.waitUntil(lambda: bool(failed))
    assert caught == [ZeroDivisionError]
    assert failed[0].code == "bug"


def test_what_changed_is_announced_after_the_answer(work: Work, qtbot: QtBot) -> None:
    order: list[str] = []
    work.changed.connect(lambda changed: order.append(",".join(sorted(changed))))
    work.run(work, SmallDesk.ask, done=lambda _answer: order.append("done"), changed={"family", "arrival"})
    qtbot.waitUntil(lambda: work.idle)
    assert order == ["done", "arrival,family"]


def test_long_work_tells_how_far_it_is_and_can_be_stopped(work: Work, qtbot: QtBot) -> None:
    steps: list[tuple[int, int]] = []
    failed: list[DeskError] = []
    begun = threading.Event()

    def long_work(_desk: Any, report: Report) -> None:
        for n in range(1_000_000):
            report(n, 1_000_000)
            begun.set()
            time.sleep(0.0005)

    job = work.run(work, long_work, failed=failed.append, progress=lambda *step: steps.append(step))
    qtbot.waitUntil(lambda: len(steps) > 1)
    job.stop()
    qtbot.waitUntil(lambda: bool(failed))
    assert failed[0].code == "stopped"
    assert steps == sorted(steps)


def test_a_job_stopped_before_it_began_is_not_done(work: Work, desk: SmallDesk, qtbot: QtBot) -> None:
    gate = threading.Event()
    work.run(work, lambda _desk: gate.wait(10))
    job = work.run(work, SmallDesk.ask)
    job.stop()
    gate.set()
    qtbot.waitUntil(lambda: work.idle)
    assert desk.asked == 0


def test_after_closing_nothing_reaches_the_desk(work: Work, desk: SmallDesk, qtbot: QtBot) -> None:
    answers: list[Any] = []
    work.run(work, SmallDesk.ask, done=answers.append)
    work.close(work)
    work.run(work, SmallDesk.ask, done=answers.append)
    qtbot.waitUntil(lambda: work.idle)
    assert answers == [1]
    assert not desk.open


def test_the_end_does_what_was_asked_first(qapp: QApplication, desk: SmallDesk) -> None:
    one = Work()
    one.open(one, lambda: (desk, None))
    for _ in range(100):
        one.run(one, SmallDesk.ask)
    one.finish()
    assert desk.asked == 100
    assert not desk.open
    one.run(one, SmallDesk.ask)
    assert desk.asked == 100


def test_the_worker_that_works_at_once_keeps_the_same_promises(qapp: QApplication, desk: SmallDesk) -> None:
    one = AtOnce()
    one.open(one, lambda: (desk, None))
    answers: list[int] = []
    one.run(one, SmallDesk.ask, done=answers.append)
    assert answers == [1]
    assert one.idle
    assert work_module.SLICE <= 0.05


def test_what_hangs_beside_the_desk_holds_up_no_job(work: Work, desk: SmallDesk, qtbot: QtBot) -> None:
    hung, told = threading.Event(), []
    screen = QObject()
    work.aside(screen, lambda: hung.wait(20), done=lambda _answer: told.append("aside"))
    work.run(screen, SmallDesk.ask, done=lambda _answer: told.append("desk"))
    qtbot.waitUntil(lambda: told == ["desk"])
    hung.set()
    qtbot.waitUntil(lambda: told == ["desk", "aside"])
    assert work.idle
