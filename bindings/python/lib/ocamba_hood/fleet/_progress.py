"""How far a fleet has come, and bars that show it."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Progress:
    """How far a run has come."""

    #: All rows.
    total: int
    #: Rows that are as they should be.
    done: int
    #: Rows that failed.
    failed: int
    #: Requests that are on their way, or wait for their turn.
    in_flight: int
    #: Rows of which it is not known what became of them: they will be looked for.
    in_doubt: int
    #: Seconds since the run began.
    elapsed: float
    #: Requests that were answered, in a minute.
    rate: float
    #: Seconds that requests have waited for the account's rate limit, together.
    waited: float
    #: Seconds that the rest will take, as far as can be told.
    remaining: float | None


class Bar:
    """A bar of `tqdm`, where there is one."""

    def __init__(self, wanted: bool | None) -> None:
        self._bar: Any = None
        if wanted or (wanted is None and sys.stderr is not None and sys.stderr.isatty()):
            try:
                self._bar = import_module("tqdm.auto").tqdm(unit="row", dynamic_ncols=True)
            except ImportError:
                if wanted:
                    raise ImportError("progress=True needs tqdm; to install it, run: pip install tqdm") from None

    def tell(self, progress: Progress) -> None:
        if self._bar is None:
            return
        self._bar.total = progress.total
        told = {"failed": progress.failed, "in doubt": progress.in_doubt}
        self._bar.set_postfix({name: count for name, count in told.items() if count}, refresh=False)
        self._bar.n = progress.done + progress.failed
        self._bar.refresh()

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()


def teller(listener: Callable[[Progress], object] | None, bar: Bar) -> Callable[[dict[str, Any]], None]:
    """Tells both of what the program has told."""

    def tell(told: dict[str, Any]) -> None:
        progress = Progress(**{name: told[name] for name in Progress.__dataclass_fields__})
        bar.tell(progress)
        if listener is not None:
            listener(progress)

    return tell
