"""Deliberate bugs, one at a time, and which tests notice: `python -m tests.seeded [NAME…]`.

Properties prove little unless a wrong core breaks them. Each bug below is patched into one process, which then runs
the histories of `tests/whole/test_machine.py` and the tests of sticks until something fails. A bug that survives
both makes the exit code 1. Not part of the gate: a bug takes a minute or two.
"""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import msgspec

ROUNDS = 40


def drop_an_operation() -> None:
    """Every ninth operation of a bundle is lost on its way in."""
    from returnee_desk.store.desk import Intake

    honest, seen = Intake.take_many, [0]

    def take_many(self: Intake, batch: Any) -> Any:
        kept = []
        for one in batch:
            seen[0] += 1
            if seen[0] % 9:
                kept.append(one)
        return honest(self, kept)

    Intake.take_many = take_many  # type: ignore[method-assign]


def ignore_dead() -> None:
    """What an operation replaces is not remembered: a late value stands again."""
    from returnee_desk.store.registers import Registers

    honest = Registers._write

    def write(self: Any, record: bytes, field: str, *args: Any, **asked: Any) -> None:
        honest(self, record, field, *args, **asked)
        self._run("DELETE FROM dead WHERE record = ? AND field = ?", (record, field))

    Registers._write = write  # type: ignore[method-assign]


def order_by_clock() -> None:
    """The latest clock wins, as last-writer-wins would have it."""
    from returnee_desk.store.registers import Registers

    honest = Registers._write

    def write(self: Any, record: bytes, field: str, value: Any, operation: Any, *args: Any, **asked: Any) -> None:
        at = int(datetime.fromisoformat(operation.at).timestamp()) + 2**40
        clocked = msgspec.structs.replace(operation, lamport=at)
        honest(self, record, field, value, clocked, *args, **asked)

    Registers._write = write  # type: ignore[method-assign]


def forward_only_own() -> None:
    """A desk's stick leaves out what it has of the other desks of its place."""
    from returnee_desk.store.desk import Desk
    from returnee_desk.store.ledger import Ledger

    honest, attach = Ledger.not_durable, Desk._attach
    device: dict[int, str] = {}

    def not_durable(self: Ledger) -> Any:
        return {pair: ranges for pair, ranges in honest(self).items() if pair[0] == device.get(id(self), pair[0])}

    def attached(self: Desk, database: Any) -> None:
        attach(self, database)
        device[id(self.ledger)] = self.local("settings")["device"]

    Ledger.not_durable, Desk._attach = not_durable, attached  # type: ignore[method-assign]


def receipt_without_backup() -> None:
    """The office calls durable whatever it has."""
    from returnee_desk.store.ledger import Ledger

    honest = Ledger.have

    def have(self: Ledger, author: int, *, upto_row: int | None = None) -> Any:
        return honest(self, author)

    Ledger.have = have  # type: ignore[method-assign]


def erasure_forgets_the_log() -> None:
    """An erased record stays in the bodies of the operations."""
    from returnee_desk.store import desk, registers

    registers.without_record = desk.without_record = lambda body, record: body  # type: ignore[attr-defined]


def sent_before_read_back() -> None:
    """A stick counts as written before it was read back."""
    from returnee_desk.sync import exchange

    honest = exchange._seal

    def seal(desk: Any, *args: Any, **asked: Any) -> Any:
        sealed = honest(desk, *args, **asked)
        with desk.receiving() as intake:
            for (device, epoch), ranges in sealed.wanted.items():
                intake.acknowledge(device, epoch, "sent", ranges)
        return sealed

    exchange._seal = seal


def import_in_pieces() -> None:
    """What came before the fault in a bundle stays."""
    from returnee_desk.store.desk import Desk, Intake

    @contextlib.contextmanager
    def receiving(self: Desk) -> Iterator[Intake]:
        intake, failed = Intake(self), None
        with self._writing():
            try:
                yield intake
            except Exception as error:
                failed = error
            self._tables.flush()
        if failed:
            raise failed

    Desk.receiving = receiving  # type: ignore[method-assign]


def believe_numbers() -> None:
    """A receipt's numbers are believed without comparing the operations behind them."""
    from returnee_desk.store.ledger import Ledger

    Ledger.digest = lambda self, author, ranges: "0" * 64  # type: ignore[method-assign]


def only_what_is_new() -> None:
    """A stick holds what was never sent, instead of everything that is not safe."""
    from returnee_desk.store.ledger import Ledger, without

    def not_durable(self: Ledger) -> Any:
        left = {
            pair: without(self.have(number), [*self.ranges(number, "durable"), *self.ranges(number, "sent")])
            for pair, number in self.authors().items()
        }
        return {pair: ranges for pair, ranges in left.items() if ranges}

    Ledger.not_durable = not_durable  # type: ignore[method-assign]


def skip_by_number() -> None:
    """A bundle counts as known by its number alone, whatever is in it."""

    class Anything(set[str]):
        def __contains__(self, _: object) -> bool:
            return bool(len(self))

    from returnee_desk.store.ledger import Ledger

    honest = Ledger.headers
    Ledger.headers = lambda self, *which: Anything(honest(self, *which))  # type: ignore[method-assign]


def trust_any_place() -> None:
    """Operations of any desk are taken from anybody."""
    from returnee_desk.sync.exchange import _Taking

    honest = _Taking._apply

    def operation(self: Any, raw: bytes, value: Any) -> None:
        read = self._read(raw, value)
        if read is not None:
            honest(self, read, raw, self._known.device(read.device) or self._sender)

    _Taking._LINES = {**_Taking._LINES, "op": operation}  # type: ignore[misc]


def gaps_unnoticed() -> None:
    """Only the last missing number of a gap is told."""
    from returnee_desk.store.ledger import Ledger

    honest = Ledger.gaps
    Ledger.gaps = lambda self, author: [(high, high) for _, high in honest(self, author)]  # type: ignore[method-assign]


def revoked_is_welcome() -> None:
    """What a revoked desk wrote afterwards is taken as it comes."""
    from returnee_desk.sync.keys import Device

    Device.accepts = lambda self, epoch, seq: True  # type: ignore[method-assign]


BUGS: dict[str, Callable[[], None]] = {
    bug.__name__: bug
    for bug in (
        drop_an_operation, ignore_dead, order_by_clock, forward_only_own, receipt_without_backup,
        erasure_forgets_the_log, sent_before_read_back, import_in_pieces, believe_numbers, only_what_is_new,
        skip_by_number, trust_any_place, gaps_unnoticed, revoked_is_welcome,
    )
}  # fmt: skip


def caught_by_histories(rounds: int) -> str | None:
    """What the state machine says, its first line; None where nothing failed."""
    from hypothesis import HealthCheck, Phase, settings
    from hypothesis.stateful import run_state_machine_as_test

    from tests.whole.test_machine import Machine

    few = settings(
        max_examples=rounds, stateful_step_count=40, phases=[Phase.generate], deadline=None, database=None,
        suppress_health_check=list(HealthCheck), print_blob=False,
    )  # fmt: skip
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            run_state_machine_as_test(Machine, settings=few)
    except Exception as error:
        return _where(error)
    return None


def _where(error: BaseException) -> str:
    """The function of the machine in which it was noticed."""
    found, traceback = "", error.__traceback__
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename.endswith("test_machine.py"):
            found = traceback.tb_frame.f_code.co_name
        traceback = traceback.tb_next
    return f"{found or type(error).__name__} ({type(error).__name__})"


def caught_by_tests() -> str | None:
    """The first of the tests of sticks that fails."""
    import pytest

    class Seen:
        failed: str | None = None

        def pytest_runtest_logreport(self, report: Any) -> None:
            if report.failed and self.failed is None:
                self.failed = report.nodeid.rpartition("::")[2]

    seen = Seen()
    with contextlib.redirect_stdout(io.StringIO()):
        pytest.main(["-x", "-q", "-p", "no:randomly", "-p", "no:cacheprovider", "tests/sync/test_exchange.py"], [seen])
    return seen.failed


def noticed(name: str, by: str) -> str | None:
    """In a process of its own, who notices the bug: the histories or the tests."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.seeded", "--one", name, by], capture_output=True, text=True,
        env={**os.environ, "PYTHONHASHSEED": "0"},
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stderr[-3_000:])
    answer = done.stdout.splitlines()[-1]
    return None if answer == "-" else answer


def main(names: list[str]) -> int:
    survivors = 0
    for name in names or list(BUGS):
        begun = time.monotonic()
        histories, tests = noticed(name, "histories"), noticed(name, "tests")
        survivors += not (histories or tests)
        seconds = time.monotonic() - begun
        print(f"{name:24} histories: {histories or '-'}\n{'':24} tests: {tests or '-'}   ({seconds:.0f} s)", flush=True)
    print(f"{survivors} survived")
    return 1 if survivors else 0


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if arguments[:1] == ["--one"]:
        BUGS[arguments[1]]()
        print((caught_by_histories(ROUNDS) if arguments[2] == "histories" else caught_by_tests()) or "-")
    else:
        raise SystemExit(main(arguments))
