"""The one worker that owns the desk, and how screens ask it for things.

A screen hands in a plain function that takes the desk; it runs on the worker, in order; the answer, or the
error, comes back on the main thread. What comes back for a screen that is gone is dropped. However much
comes back at once, the main thread spends at most `SLICE` seconds on it before it looks at keys again.
"""

from __future__ import annotations

import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from queue import SimpleQueue
from typing import Any, TypeVar

import shiboken6
from PySide6.QtCore import QObject, Qt, Signal, Slot

from returnee_desk.errors import DeskError, Unavailable

T = TypeVar("T")
SLICE = 0.012
"""Seconds the main thread gives to answers before it goes back to its events."""

Report = Callable[[int, int], None]
"""What long work calls now and then: how much is done, of how much. Raises `Stopped` when it should stop."""


class Stopped(Exception):
    """Somebody asked long work to stop. Raised inside the work by `report`; not an error."""


class Job:
    """One thing asked of the worker. `stop()` drops it if it has not begun, else stops it at its next report."""

    def __init__(
        self,
        owner: QObject,
        fn: Callable[..., Any],
        *,
        done: Callable[[Any], None] | None = None,
        failed: Callable[[DeskError], None] | None = None,
        changed: Iterable[str] = (),
        progress: Callable[[int, int], None] | None = None,
        without_desk: bool = False,
    ) -> None:
        self.owner, self.fn, self.done, self.failed = owner, fn, done, failed
        self.changed, self.progress, self.without_desk = frozenset(changed), progress, without_desk
        self._stopped = threading.Event()

    def stop(self) -> None:
        self._stopped.set()

    @property
    def stopped(self) -> bool:
        return self._stopped.is_set()


class Work(QObject):
    """Runs jobs on one thread of its own, one after the other.

    `changed` tells which kinds of record (`family`, `arrival`, `service`, `draft`, `exchange`, `desk`) a
    finished job changed. `failed` carries the error of a job whose screen did not want to hear of it itself.
    """

    changed = Signal(object)
    failed = Signal(object)
    _ready = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._desk: Any = None
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._answers: deque[tuple[Callable[..., None], tuple[Any, ...]]] = deque()
        self._told = threading.Event()
        self._waiting = 0
        self._over = False
        self._ready.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self._thread: threading.Thread | None = None

    # -- asking ---------------------------------------------------------------------------------------------

    def run(
        self,
        owner: QObject,
        fn: Callable[..., T],
        *,
        done: Callable[[T], None] | None = None,
        failed: Callable[[DeskError], None] | None = None,
        changed: Iterable[str] = (),
        progress: Callable[[int, int], None] | None = None,
    ) -> Job:
        """Run `fn(desk)` on the worker; with `progress`, `fn(desk, report)`. Without an open desk it is not run.

        `done(answer)` or `failed(error)` is called on the main thread, unless `owner` is gone by then.
        """
        return self._begin(Job(owner, fn, done=done, failed=failed, changed=changed, progress=progress))

    def _begin(self, job: Job) -> Job:
        if self._over:
            job.stop()
            return job
        self._waiting += 1
        self._ask(job)
        return job

    def open(
        self,
        owner: QObject,
        make: Callable[[], tuple[Any, T]],
        *,
        done: Callable[[T], None] | None = None,
        failed: Callable[[DeskError], None] | None = None,
    ) -> Job:
        """Make the desk on the worker, which keeps it; `make` gives it with an answer for the screen."""

        def opened(desk: Any) -> T:
            if desk is not None:
                raise Unavailable("already_open")
            self._desk, answer = make()
            return answer

        return self._begin(Job(owner, opened, done=done, failed=failed, changed={"desk"}, without_desk=True))

    def aside(
        self,
        owner: QObject,
        fn: Callable[[], T],
        *,
        done: Callable[[T], None] | None = None,
        failed: Callable[[DeskError], None] | None = None,
    ) -> Job:
        """Run what needs no desk and may hang (printers, sticks) on a thread of its own, so that drafts are
        written meanwhile. It ends with the program, done or not."""
        job = Job(owner, lambda _desk: fn(), done=done, failed=failed, without_desk=True)
        if self._over:
            job.stop()
            return job
        self._waiting += 1
        self._ask_aside(job)
        return job

    def close(self, owner: QObject, *, done: Callable[[None], None] | None = None) -> Job:
        """Close the desk after everything asked before it. Nothing holds its key afterwards."""
        return self._begin(Job(owner, self._closed, done=done, changed={"desk"}, without_desk=True))

    def _closed(self, desk: Any) -> None:
        self._desk = None
        if desk is not None:
            desk.close()

    @property
    def idle(self) -> bool:
        """True when everything asked has been answered."""
        return self._waiting == 0

    def finish(self, seconds: float = 30.0) -> None:
        """Do what was asked, close the desk, end the thread. Answers still on their way are dropped, and what is
        asked afterwards is not done."""
        self._over = True
        if self._thread is None:
            return
        self._jobs.put(Job(self, self._closed, without_desk=True))
        self._jobs.put(None)
        self._thread.join(seconds)
        self._thread = None
        self._answers.clear()

    # -- on the worker ----------------------------------------------------------------------------------------

    def _ask(self, job: Job) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._loop, name="desk", daemon=True)
            self._thread.start()
        self._jobs.put(job)

    def _ask_aside(self, job: Job) -> None:
        threading.Thread(target=self._carry_out, args=(job,), name="aside", daemon=True).start()

    def _loop(self) -> None:
        while (job := self._jobs.get()) is not None:
            self._carry_out(job)

    def _carry_out(self, job: Job) -> None:
        if job.stopped or (self._desk is None and not job.without_desk):
            self._answer(self._settled)
            return
        try:
            if job.progress is None:
                answer = job.fn(self._desk)
            else:
                answer = job.fn(self._desk, self._reporter(job, job.progress))
        except Stopped:
            self._answer(self._settle_failed, job, Unavailable("stopped"))
        except DeskError as error:
            self._answer(self._settle_failed, job, error)
        except BaseException as bug:  # noqa: BLE001 - ours: it must reach the one handler, and the screen must come free again
            self._answer(self._settle_broken, job, bug)
        else:
            self._answer(self._settle_done, job, answer)

    def _reporter(self, job: Job, progress: Callable[[int, int], None]) -> Report:
        last = 0.0

        def report(done: int, total: int) -> None:
            nonlocal last
            if job.stopped:
                raise Stopped
            now = time.monotonic()
            if now - last >= 0.05 or done >= total:
                last = now
                self._answer(self._tell_progress, job, progress, done, total)

        return report

    def _answer(self, what: Callable[..., None], *facts: Any) -> None:
        self._answers.append((what, facts))
        if not self._told.is_set():
            self._told.set()
            self._ready.emit()

    # -- back on the main thread ------------------------------------------------------------------------------

    @Slot()
    def _deliver(self) -> None:
        self._told.clear()
        end = time.monotonic() + SLICE
        while self._answers:
            what, facts = self._answers.popleft()
            what(*facts)
            if time.monotonic() > end and self._answers:
                if not self._told.is_set():
                    self._told.set()
                    self._ready.emit()
                return

    def _settled(self) -> None:
        self._waiting -= 1

    def _tell_progress(self, job: Job, progress: Callable[[int, int], None], done: int, total: int) -> None:
        if not job.stopped and _wants(job.owner):
            progress(done, total)

    def _settle_done(self, job: Job, answer: Any) -> None:
        self._waiting -= 1
        try:
            if job.done is not None and _wants(job.owner):
                job.done(answer)
        finally:
            if job.changed:
                self.changed.emit(job.changed)

    def _settle_failed(self, job: Job, error: DeskError) -> None:
        self._waiting -= 1
        if not _wants(job.owner):
            return
        if job.failed is not None:
            job.failed(error)
        elif error.code != "stopped":
            self.failed.emit(error)

    def _settle_broken(self, job: Job, bug: BaseException) -> None:
        sys.excepthook(type(bug), bug, bug.__traceback__)
        self._settle_failed(job, DeskError("bug", what=type(bug).__name__))


class AtOnce(Work):
    """The same work, done when it is asked, on the thread that asks: for tests and for pictures of screens."""

    def _ask(self, job: Job) -> None:
        self._carry_out(job)

    def _ask_aside(self, job: Job) -> None:
        self._carry_out(job)

    def _answer(self, what: Callable[..., None], *facts: Any) -> None:
        what(*facts)

    def finish(self, seconds: float = 30.0) -> None:
        self._over = True
        self._closed(self._desk)


def _wants(owner: QObject) -> bool:
    return shiboken6.isValid(owner) and not getattr(owner, "closed", False)
