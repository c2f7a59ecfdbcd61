"""A local server that behaves as the API's documentation says, for tests without a network."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from ._binary import binary as program
from ._client import AsyncClient, Client

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["Sandbox"]


class Sandbox:
    """A sandbox in a process of its own, on a free port of this machine.

    Example::

        with Sandbox() as sandbox, sandbox.client() as client:
            integration = client.integrations.create(...)

    Requires the program `ocamba`: `pip install 'ocamba-hood[sandbox]'`.

    :param token: the only bearer token that it accepts; by default, it accepts any.
    :param burst: maximum number of requests per second; defaults to 10.
    :param steady: maximum number of requests per minute; defaults to 150.
    :param limits: whether the sandbox enforces a rate limit.
    :param tls: whether the sandbox speaks TLS, with the certificate authority in :attr:`ca_certificate`.
    :param binary: path of `ocamba`, of the same version; defaults to `OCAMBA_BINARY` of the environment, an absolute path, or
        to the program that pip installed.
    """

    def __init__(
        self,
        *,
        token: str | None = None,
        burst: int | None = None,
        steady: int | None = None,
        limits: bool = True,
        tls: bool = False,
        binary: str | os.PathLike[str] | None = None,
    ) -> None:
        command = [program("sandbox", binary), "sandbox", "--listen", "127.0.0.1:0"]
        given = {"--token": token, "--burst": burst, "--steady": steady}
        for name, value in given.items():
            command += [] if value is None else [f"{name}={value}"]
        command += [] if limits else ["--no-limits"]
        command += ["--tls"] if tls else []
        self._token = token or "sandbox"
        self._process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        #: Certificate of the authority, as PEM, for the `root_certificates` of a client; None without TLS.
        self.ca_certificate: str | None = None
        if tls:
            with open(self._line("certificate authority "), encoding="ascii") as file:
                self.ca_certificate = file.read()
        #: The sandbox's URL.
        self.url: str = self._line("listening on ")

    def client(self) -> Client:
        """Returns a client of this sandbox."""
        return Client(token=self._token, base_url=self.url, root_certificates=self.ca_certificate)

    def async_client(self) -> AsyncClient:
        """Returns a client of this sandbox for asyncio."""
        return AsyncClient(token=self._token, base_url=self.url, root_certificates=self.ca_certificate)

    def close(self) -> None:
        """Stops the sandbox."""
        self._process.terminate()
        self._process.communicate()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Sandbox(url={getattr(self, 'url', None)!r})"

    def _line(self, start: str) -> str:
        """The rest of the next line of the output."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line.startswith(start):
            self._process.terminate()
            _, errors = self._process.communicate()
            raise RuntimeError(f"the sandbox did not start: {(errors or line).strip()}")
        return line.removeprefix(start).strip()
