"""The fixtures `hood_sandbox` and `hood_client`, which pytest loads from the installed package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._client import Client
    from .testing import Sandbox


@pytest.fixture(scope="session")
def hood_sandbox_options() -> dict[str, Any]:
    """Arguments of the `Sandbox`. Replace this fixture to change them; by default, the sandbox has no rate limit."""
    return {"limits": False}


@pytest.fixture(scope="session")
def _hood_sandbox(hood_sandbox_options: dict[str, Any]) -> Iterator[Sandbox]:
    from .testing import Sandbox

    with Sandbox(**hood_sandbox_options) as sandbox:
        yield sandbox


@pytest.fixture
def hood_sandbox(_hood_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """An empty `ocamba_hood.testing.Sandbox`, which clients that are created without arguments use."""
    _hood_sandbox.reset()
    for name, value in _hood_sandbox.environment.items():
        monkeypatch.setenv(name, value)
    return _hood_sandbox


@pytest.fixture
def hood_client(hood_sandbox: Sandbox) -> Iterator[Client]:
    """A client of `hood_sandbox`."""
    with hood_sandbox.client() as client:
        yield client
