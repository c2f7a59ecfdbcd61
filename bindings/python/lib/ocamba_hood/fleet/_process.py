"""Runs the program `ocamba` for one task of a fleet: writes the rows, and reads progress and results."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from threading import Lock, Thread
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from .._native import warn
from ._errors import FleetError, error_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .._native import Secret
    from ._rows import Source

#: Variables that a profile replaces.
_OF_PROFILE = ("OCAMBA_TOKEN", "OCAMBA_BASE_URL", "OCAMBA_RATE_LIMIT", "OCAMBA_RATE_LIMIT_TIER")
#: Failures that come with a report.
_WITH_REPORT = {"stopped", "incomplete"}


class End(NamedTuple):
    """The result of a task."""

    #: The output: a dict per line.
    printed: list[dict[str, Any]]
    #: Why the run stopped early, or `None`.
    stopped: str | None


class Task:
    """One run of the program, in a session of its own, so that it receives Ctrl-C only once."""

    def __init__(
        self, command: list[str], variables: Mapping[str, Secret], source: Source, listen: Callable[[dict[str, Any]], None]
    ) -> None:
        self._command, self._variables = command, variables
        self._source, self._on_progress = source, listen
        self._process: subprocess.Popen[bytes] | None = None
        self._has_rows = False
        self._is_stopped = False
        self._lock = Lock()

    def run(self) -> End:
        """Runs the program to its end. An exception stops the program before it is raised."""
        process = self._start()
        printed: list[bytes] = []
        assert process.stdin is not None and process.stdout is not None and process.stderr is not None
        reader = Thread(target=printed.extend, args=(process.stdout,), daemon=True)
        with process:
            try:
                reader.start()
                self._feed(process.stdin)
                reported = self._listen(process.stderr)
                process.wait()
            except BaseException:
                self.stop()
                self._wait(process, reader)
                raise
            reader.join()
        return self._end(process.returncode, reported, printed)

    def stop(self) -> None:
        """Lets the program finish its requests in flight, and send no others. Without all rows, it has sent nothing yet."""
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
        try:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=_environment(self._variables),
                start_new_session=True,
            )
            return self._process
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or "its arguments or environment are invalid"
        # Not within the handler: the other exception would show the environment, which contains the token.
        raise FileNotFoundError(f"{self._command[0]} did not start: {why}")

    def _feed(self, stdin: IO[bytes]) -> None:
        """Writes all rows. A program that ends before it has read all of them reports why."""
        try:
            if self._source.path is None:
                stdin.writelines(self._source.lines())
            with self._lock:
                # A stopped program must not mistake these rows for all rows.
                self._has_rows = not self._is_stopped
            if self._has_rows:
                stdin.close()
        except BrokenPipeError:
            _drain(stdin)

    def _listen(self, stderr: IO[bytes]) -> list[dict[str, Any]]:
        """Reads its messages until it ends. Returns its failures, or its last words."""
        failures: list[dict[str, Any]] = []
        words: list[str] = []
        for line in stderr:
            text = line.decode(errors="replace")
            message = json.loads(text) if text.startswith("{") else None
            if message is None:
                words = [*words[-9:], text]
            elif "progress" in message:
                self._on_progress(message["progress"])
            elif "warning" in message:
                warn(message["warning"])
            elif "error" in message:
                failures.append(message["error"])
        return failures or [{"message": "".join(words).strip()}]

    def _end(self, code: int, reported: list[dict[str, Any]], printed: list[bytes]) -> End:
        last = reported[-1]
        if code == 0 or last.get("code") in _WITH_REPORT:
            lines = b"".join(printed).splitlines()
            return End([json.loads(line) for line in lines], last.get("stopped") if code else None)
        if "code" in last:
            raise error_of(last)
        # After its first request, this signal does not kill the program.
        if self._is_stopped and (not self._has_rows or code == -signal.SIGINT):
            raise FleetError("the run was stopped before anything was sent", outcome="not_sent", code="stopped")
        if code == 2:
            raise FleetError(f"ocamba rejected its arguments: {last['message']}", outcome="not_sent", code="bad_input")
        ended = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
        message = ": ".join(text for text in (f"the program ocamba {ended}", last["message"]) if text)
        error = FleetError(message, outcome="unknown" if self._has_rows else "not_sent", code="crashed")
        error.hint = "run it again; an apply with the same ledger resumes the run"
        raise error

    def _wait(self, process: subprocess.Popen[bytes], reader: Thread) -> None:
        """Waits for the requests in flight. A second interrupt kills the program."""
        try:
            for pipe in (process.stdin, process.stderr):
                _drain(pipe)
            process.wait()
        except BaseException:
            process.kill()
            raise
        finally:
            # After an interrupt, the reader may not have started.
            if reader.ident is not None:
                reader.join()


def _environment(variables: Mapping[str, Secret]) -> dict[str, str]:
    hidden = _OF_PROFILE if "OCAMBA_PROFILE" in variables else ()
    inherited = {name: value for name, value in os.environ.items() if name not in hidden}
    return {**inherited, **{name: value.expose() for name, value in variables.items()}}


def _drain(pipe: Any) -> None:
    """Closes an input, or reads the rest of an output: a full pipe would block the program."""
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
