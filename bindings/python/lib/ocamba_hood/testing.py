"""A local server that behaves as the API's documentation says, for tests without a network."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypedDict

from ._binary import binary as program
from ._client import AsyncClient, Client
from ._generated import NewIntegration
from ._native import Secret, hide
from ._settings import Settings, UnknownProvider

if TYPE_CHECKING:
    from typing_extensions import Self

    from ._native import _SecretText
else:
    # `get_type_hints` evaluates annotations.
    _SecretText = object

__all__ = ["JournalEntry", "Sandbox"]


class JournalEntry(TypedDict):
    """A request that a sandbox received, and its effect. It has no secrets."""

    #: Number of the request, from 1, in the order of arrival.
    id: int
    #: Time of arrival, in milliseconds since the sandbox started.
    at_ms: float
    method: str
    #: Path, without the query.
    path: str
    #: The `company_id` that the token belongs to, if the sandbox accepts it.
    account: str | None
    #: Query, in which values of undocumented parameters are masked.
    query: str | None
    #: The operation of the API, for example `"createIntegration"`.
    operation: str | None
    #: The `name` in the body.
    name: str | None
    #: The provider in the body, or that of the integration in the path.
    provider_id: str | None
    #: Status of the response; `None` if nothing of a response was sent.
    status: int | None
    #: Whether the request took effect.
    committed: bool
    #: The integration that was created or changed.
    integration_id: str | None
    #: The kind of the fault that the sandbox injected.
    fault: str | None
    #: Duration in milliseconds; `None` as long as the request is in flight.
    duration_ms: float | None
    user_agent: str | None


class Sandbox:
    """A sandbox in a process of its own, on a free port of this machine. It ends with this process at the latest.

    Example::

        with Sandbox() as sandbox, sandbox.client() as client:
            integration = client.integrations.create(...)

    Requires the program `ocamba`: `pip install 'ocamba-hood[sandbox]'`. With pytest, the fixtures `hood_sandbox` and
    `hood_client` start one.

    :param token: the only bearer token that it accepts; by default, it accepts any.
    :param burst: maximum number of requests per second; defaults to 10.
    :param steady: maximum number of requests per minute; defaults to 150.
    :param limits: whether the sandbox enforces a rate limit.
    :param tls: whether the sandbox speaks TLS, with the certificate authority in :attr:`ca_certificate`.
    :param seed: a sheet of integrations that the sandbox starts with, and returns to when it is reset: CSV, JSON Lines, JSON or
        YAML, as for a fleet.
    :param state: a file in which the integrations survive a restart. It has secrets, and only its owner can read it.
    :param binary: path of `ocamba`, of the same version; defaults to `OCAMBA_BINARY` of the environment, an absolute path, or
        to the program that pip installed.
    """

    def __init__(
        self,
        *,
        token: str | Secret | _SecretText | None = None,
        burst: int | None = None,
        steady: int | None = None,
        limits: bool = True,
        tls: bool = False,
        seed: str | os.PathLike[str] | None = None,
        state: str | os.PathLike[str] | None = None,
        binary: str | os.PathLike[str] | None = None,
    ) -> None:
        command = [program("sandbox", binary), "sandbox", "--listen", "127.0.0.1:0", "--until-input-ends"]
        token = None if token is None else Secret(token).expose()
        given = {"--token": token, "--burst": burst, "--steady": steady, "--seed": seed, "--state": state}
        for name, value in given.items():
            command += [] if value is None else [f"{name}={os.fspath(value) if isinstance(value, os.PathLike) else value}"]
        command += [] if limits else ["--no-limits"]
        command += ["--tls"] if tls else []
        self._token = token or "sandbox"
        # A rate limit of the client would delay requests that a sandbox without limits accepts.
        self._rate_limit = "memory" if limits else "off"
        # The input ends with this process, even if that is killed.
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        #: Certificate of the authority, as PEM, for the `root_certificates` of a client; None without TLS.
        self.ca_certificate: str | None = None
        if tls:
            with open(self._line("certificate authority "), encoding="ascii") as file:
                self.ca_certificate = file.read()
        #: The sandbox's URL.
        self.url: str = self._line("listening on ")

    def client(self, **options: Any) -> Client:
        """Returns a client of this sandbox.

        :param options: arguments of `Client` that replace those of the sandbox.
        """
        return Client(**{**self._options(), **options})

    def async_client(self, **options: Any) -> AsyncClient:
        """Returns a client of this sandbox for asyncio.

        :param options: arguments of `AsyncClient` that replace those of the sandbox.
        """
        return AsyncClient(**{**self._options(), **options})

    @property
    def environment(self) -> dict[str, str]:
        """Variables by which clients that are created without arguments use this sandbox, also in other processes."""
        names = {"OCAMBA_TOKEN": self._token, "OCAMBA_BASE_URL": self.url, "OCAMBA_RATE_LIMIT": self._rate_limit}
        certificate = {} if self.ca_certificate is None else {"OCAMBA_ROOT_CERTIFICATES": self.ca_certificate}
        return {**names, "OCAMBA_PROXY": "off", **certificate}

    def set_faults(self, *faults: Mapping[str, object], seed: int | None = None) -> None:
        """Makes requests fail, in place of earlier faults::

            sandbox.set_faults({"operation": "createIntegration", "times": 1, "fault": {"answer": {"status": 503}}})

        `ocamba sandbox --help` lists all faults.

        :param seed: makes faults with a probability the same in each run.
        :raises ValueError: a fault is invalid; the message names its field.
        """
        self._control("PUT", "faults", _faults(faults, seed))

    def add_faults(self, *faults: Mapping[str, object], seed: int | None = None) -> None:
        """Makes requests fail, in addition to earlier faults. Takes the arguments of `set_faults`."""
        self._control("POST", "faults", _faults(faults, seed))

    def clear_faults(self) -> None:
        """Removes all faults."""
        self._control("DELETE", "faults")

    def faults(self) -> dict[str, Any]:
        """Returns the faults that are left, in the form of a file of faults."""
        left: dict[str, Any] = self._control("GET", "faults")
        return left

    def journal(self) -> list[JournalEntry]:
        """Returns the requests that the sandbox received, the oldest first."""
        entries: list[JournalEntry] = self._control("GET", "journal")
        return entries

    def clear_journal(self) -> None:
        """Forgets the requests so far."""
        self._control("DELETE", "journal")

    def add_integration(self, request: NewIntegration | Mapping[str, object]) -> str:
        """Adds an integration without a request to the API, and returns its id.

        :raises ValueError: the request is invalid.
        """
        body = request if isinstance(request, NewIntegration) else dict(request)
        created: dict[str, str] = self._control("POST", "integrations", body)
        return created["id"]

    def reset(self) -> None:
        """Removes all integrations, faults and requests, and restarts the rate limit."""
        self._control("POST", "reset")

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

    def _options(self) -> dict[str, Any]:
        options = {"token": self._token, "base_url": self.url, "rate_limit": self._rate_limit, "proxy": "off"}
        return {**options, "root_certificates": self.ca_certificate}

    def _control(self, method: str, path: str, body: object = None) -> Any:
        if self._process.poll() is not None:
            raise RuntimeError("the sandbox is closed, or its process ended")
        from ssl import create_default_context
        from urllib import request
        from urllib.error import HTTPError

        context = create_default_context(cadata=self.ca_certificate) if self.ca_certificate else None
        opener = request.build_opener(request.ProxyHandler({}), request.HTTPSHandler(context=context))
        data = None if body is None else json.dumps(body, default=_plain).encode()
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        try:
            with opener.open(request.Request(f"{self.url}/_sandbox/{path}", data, headers, method=method)) as response:
                text = response.read()
        except HTTPError as error:
            with error:
                refused = json.loads(error.read())
            raise ValueError(f"the sandbox refused the {path}: {refused['message']}") from None
        return json.loads(text) if text else None

    def _line(self, start: str) -> str:
        """The rest of the next line of the output."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line.startswith(start):
            self._process.terminate()
            _, errors = self._process.communicate()
            raise RuntimeError(f"the sandbox did not start: {(errors or line).strip()}")
        return line.removeprefix(start).strip()


def _plain(value: Any) -> Any:
    """What a request may contain besides JSON: typed settings, and secrets."""
    if isinstance(value, (NewIntegration, Settings, UnknownProvider)):
        return value.to_dict(reveal=True)
    secret = hide(value)
    if isinstance(secret, Secret):
        return secret.expose()
    raise TypeError(f"a request may contain text, numbers, lists, dicts, secrets and typed settings, not {type(value).__name__}")


def _faults(faults: tuple[Mapping[str, object], ...], seed: int | None) -> dict[str, object]:
    return {"faults": faults} if seed is None else {"faults": faults, "seed": seed}
