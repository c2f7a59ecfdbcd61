"""The program `ocamba`, started for one task of a fleet: rows go in, and progress and an end come out."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any, NamedTuple

from ._errors import FleetError, error_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .._native import Secret
    from ._rows import Source

#: What a profile also says: where one is chosen here, that of the environment is not asked.
_OF_PROFILE = ("OCAMBA_TOKEN", "OCAMBA_BASE_URL", "OCAMBA_LANE", "OCAMBA_TIER")
#: Failures with which a report comes all the same.
_WITH_REPORT = {"stopped", "incomplete"}


class End(NamedTuple):
    """How a task ended."""

    #: What was printed: a dict a line.
    printed: list[dict[str, Any]]
    #: Why the run stopped before its end, if it did.
    stopped: str | None


class Task:
    """One run of the program. It has a session of its own, so that Ctrl-C is only passed on to it once."""

    def __init__(self, command: list[str], variables: Mapping[str, Secret]) -> None:
        self._command = command
        self._variables = variables
        self._process: subprocess.Popen[bytes] | None = None
        self._has_rows = False
        self._is_stopped = False
        self._lock = Lock()

    def run(self, source: Source, tell: Callable[[dict[str, Any]], None]) -> End:
        """Runs it to its end. Whatever is raised here meanwhile stops it first, and then goes on."""
        process = self._start()
        printed: list[bytes] = []
        reader = Thread(target=_read, args=(process, printed), daemon=True)
        with process:
            try:
                reader.start()
                self._feed(process, source)
                told = self._listen(process, tell)
            except BaseException:
                self.stop()
                self._wait(process, reader)
                raise
            reader.join()
        return self._end(process.returncode, told, printed)

    def stop(self) -> None:
        """Has it end what is on its way, and send nothing more. Before all rows are there, nothing is sent at all."""
        with self._lock:
            was_stopped, self._is_stopped = self._is_stopped, True
            process = self._process
            if process is None or was_stopped or process.poll() is not None:
                return
            if self._has_rows:
                process.send_signal(signal.SIGINT)
            else:
                process.kill()

    def _start(self) -> subprocess.Popen[bytes]:
        why = self._try_to_start()
        if why is not None:
            raise FileNotFoundError(f"{self._command[0]} cannot be started: {why}")
        assert self._process is not None
        return self._process

    def _try_to_start(self) -> str | None:
        """Starts it, or says why not: an exception would show the environment, which has the token."""
        try:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=_environment(self._variables),
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            return getattr(error, "strerror", None) or "its arguments or environment cannot be passed on"
        return None

    def _feed(self, process: subprocess.Popen[bytes], source: Source) -> None:
        """Writes all rows. A program that refuses before it has read them all says why."""
        assert process.stdin is not None
        try:
            if source.path is None:
                process.stdin.writelines(source.lines())
            with self._lock:
                # A program that was killed must not take the rows for all of them.
                self._has_rows = not self._is_stopped
            if self._has_rows:
                process.stdin.close()
        except BrokenPipeError:
            _drain(process.stdin)

    def _listen(self, process: subprocess.Popen[bytes], tell: Callable[[dict[str, Any]], None]) -> list[dict[str, Any]]:
        """Reads what it tells until it ends: its failure, or what it said last."""
        assert process.stderr is not None
        failures: list[dict[str, Any]] = []
        words: list[str] = []
        for line in process.stderr:
            text = line.decode(errors="replace")
            told = json.loads(text) if text.startswith("{") else None
            if told is None:
                words = [*words[-9:], text]
            elif "progress" in told:
                tell(told["progress"])
            elif "error" in told:
                failures.append(told["error"])
        process.wait()
        return failures or [{"message": "".join(words).strip()}]

    def _end(self, code: int, told: list[dict[str, Any]], printed: list[bytes]) -> End:
        last = told[-1]
        if code == 0 or last.get("code") in _WITH_REPORT:
            lines = b"".join(printed).splitlines()
            return End([json.loads(line) for line in lines], last.get("stopped") if code else None)
        if "code" in last:
            raise error_of(last)
        # From its first request on, it does not die of this signal.
        if self._is_stopped and (not self._has_rows or code == -signal.SIGINT):
            raise FleetError("it was stopped before anything was sent", outcome="not_sent", code="stopped")
        if code == 2:
            raise FleetError(f"ocamba refuses its arguments: {last['message']}", outcome="not_sent", code="bad_input")
        ended = f"was killed by signal {-code}" if code < 0 else f"ended with {code}"
        message = ": ".join(text for text in (f"the program ocamba {ended}", last["message"]) if text)
        error = FleetError(message, outcome="unknown" if self._has_rows else "not_sent", code="crashed")
        error.hint = "run it again; an apply goes on with the same ledger"
        raise error

    def _wait(self, process: subprocess.Popen[bytes], reader: Thread) -> None:
        """Waits for the end of what is on its way. Whoever is impatient and interrupts this too, kills it."""
        try:
            for pipe in (process.stdin, process.stderr):
                _drain(pipe)
            process.wait()
        except BaseException:
            process.kill()
            raise
        finally:
            # What is interrupted may not have started it.
            if reader.ident is not None:
                reader.join()


def _environment(variables: Mapping[str, Secret]) -> dict[str, str]:
    hidden = _OF_PROFILE if "OCAMBA_PROFILE" in variables else ()
    inherited = {name: value for name, value in os.environ.items() if name not in hidden}
    return {**inherited, **{name: value.expose() for name, value in variables.items()}}


def _read(process: subprocess.Popen[bytes], printed: list[bytes]) -> None:
    assert process.stdout is not None
    printed.extend(process.stdout)


def _drain(pipe: Any) -> None:
    """Closes what is written to, and reads the rest of what is read from: a full pipe would stop the other side."""
    try:
        if pipe.closed:
            return
        if pipe.readable():
            for _ in pipe:
                pass
        else:
            pipe.close()
    except OSError:
        pass
