"""A local server that behaves as the API is documented to, to test against without a network."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from ._binary import binary as installed
from ._client import AsyncClient, Client

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["Sandbox"]


class Sandbox:
    """A sandbox of its own process, on a free port of this machine, until it is closed.

    Example::

        with Sandbox() as sandbox, sandbox.client() as client:
            integration = client.integrations.create(...)

    Needs the binary `ocamba`: `pip install 'ocamba-hood[sandbox]'`.

    :param token: the only bearer token it accepts; else it accepts any.
    :param burst: how many requests a second it allows; else 10.
    :param steady: how many requests a minute it allows; else 150.
    :param limits: whether it limits the rate at all.
    :param binary: where `ocamba` is; else the environment's `OCAMBA_BINARY`, or where pip puts it, or the `PATH`.
    """

    def __init__(
        self,
        *,
        token: str | None = None,
        burst: int | None = None,
        steady: int | None = None,
        limits: bool = True,
        binary: str | os.PathLike[str] | None = None,
    ) -> None:
        command = [os.fspath(binary or installed("sandbox")), "sandbox", "--listen", "127.0.0.1:0"]
        given = {"--token": token, "--burst": burst, "--steady": steady}
        for name, value in given.items():
            command += [] if value is None else [f"{name}={value}"]
        command += [] if limits else ["--no-limits"]
        self._token = token or "sandbox"
        self._process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.url = self._listening()

    def client(self) -> Client:
        """A client of this sandbox."""
        return Client(token=self._token, base_url=self.url)

    def async_client(self) -> AsyncClient:
        """A client of this sandbox for asyncio."""
        return AsyncClient(token=self._token, base_url=self.url)

    def close(self) -> None:
        """Ends it."""
        self._process.terminate()
        self._process.communicate()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Sandbox(url={self.url!r})"

    def _listening(self) -> str:
        """Where it listens: told in its first line."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line.startswith("listening on "):
            self._process.terminate()
            _, errors = self._process.communicate()
            raise RuntimeError(f"the sandbox did not start: {(errors or line).strip()}")
        return line.removeprefix("listening on ").strip()
