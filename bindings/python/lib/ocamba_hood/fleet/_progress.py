"""The progress of a run, and bars that show it."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Self


@dataclass(frozen=True)
class Progress:
    """The progress of a run."""

    #: Number of rows.
    total: int
    #: Rows that the account matches.
    done: int
    #: Rows that failed.
    failed: int
    #: Requests in flight, or waiting for the rate limit.
    in_flight: int
    #: Rows with an unknown outcome: the run will search for them.
    in_doubt: int
    #: Time since the start of the run, in seconds.
    elapsed: float
    #: Responses per minute.
    rate: float
    #: Time that requests have waited for the account's rate limit in total, in seconds.
    waited: float
    #: Estimated time for the remaining rows, in seconds, if known.
    remaining: float | None


class Bar:
    """A `tqdm` bar, if wanted and installed."""

    def __init__(self, wanted: bool | None) -> None:
        self._bar: Any = None
        if wanted or (wanted is None and sys.stderr is not None and sys.stderr.isatty()):
            try:
                self._bar = import_module("tqdm.auto").tqdm(unit="row", dynamic_ncols=True)
            except ImportError:
                if wanted:
                    raise ImportError("progress=True requires tqdm; to install it, run: pip install tqdm") from None

    def show(self, progress: Progress) -> None:
        if self._bar is None:
            return
        self._bar.total = progress.total
        counts = {"failed": progress.failed, "in doubt": progress.in_doubt}
        self._bar.set_postfix({name: count for name, count in counts.items() if count}, refresh=False)
        self._bar.n = progress.done + progress.failed
        self._bar.refresh()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()


def listening(listener: Callable[[Progress], object] | None, bar: Bar) -> Callable[[dict[str, Any]], None]:
    """Returns a function that passes the progress reported by the program on to both."""

    def listen(reported: dict[str, Any]) -> None:
        progress = Progress(**{name: reported[name] for name in Progress.__dataclass_fields__})
        bar.show(progress)
        if listener is not None:
            listener(progress)

    return listen
