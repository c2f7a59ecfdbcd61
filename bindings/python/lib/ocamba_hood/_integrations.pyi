from collections.abc import Mapping
from typing import Literal, overload

from ._generated import Integration, NewIntegration, Provider
from ._native import Client as _NativeClient
from ._response import Response
from .types import NewIntegrationDict, Status

class Integrations:
    def __init__(self, client: _NativeClient) -> None: ...
    @overload
    def create(
        self,
        request: None = None,
        /,
        *,
        name: str,
        settings: Provider,
        status: Status | None = "active",
        timeout: float | None = None,
        connect_timeout: float | None = None,
        max_retries: int | None = None,
        allow_unknown_provider: bool = False,
    ) -> Integration: ...
    @overload
    def create(
        self,
        request: NewIntegration | NewIntegrationDict,
        /,
        *,
        name: None = None,
        settings: None = None,
        timeout: float | None = None,
        connect_timeout: float | None = None,
        max_retries: int | None = None,
        allow_unknown_provider: Literal[False] = False,
    ) -> Integration: ...
    @overload
    def create(
        self,
        request: NewIntegration | Mapping[str, object],
        /,
        *,
        name: None = None,
        settings: None = None,
        timeout: float | None = None,
        connect_timeout: float | None = None,
        max_retries: int | None = None,
        allow_unknown_provider: Literal[True],
    ) -> Integration: ...
    @overload
    def create_with_response(
        self,
        request: None = None,
        /,
        *,
        name: str,
        settings: Provider,
        status: Status | None = "active",
        timeout: float | None = None,
        connect_timeout: float | None = None,
        max_retries: int | None = None,
        allow_unknown_provider: bool = False,
    ) -> Response[Integration]: ...
    @overload
    def create_with_response(
        self,
        request: NewIntegration | NewIntegrationDict,
        /,
        *,
        name: None = None,
        settings: None = None,
        timeout: float | None = None,
        connect_timeout: float | None = None,
        max_retries: int | None = None,
        allow_unknown_provider: Literal[False] = False,
    ) -> Response[Integration]: ...
    @overload
    def create_with_response(
        self,
        request: NewIntegration | Mapping[str, object],
        /,
        *,
        name: None = None,
        settings: None = None,
        timeout: float | None = None,
        connect_timeout: float | None = None,
        max_retries: int | None = None,
        allow_unknown_provider: Literal[True],
    ) -> Response[Integration]: ...

class AsyncIntegrations:
    def __init__(self, client: _NativeClient) -> None: ...
    @overload
    async def create(
        self,
        request: None = None,
        /,
        *,
        name: str,
        settings: Provider,
        status: Status | None = "active",
        timeout: float | None = None,
        connect_timeout: float | None = None,
        max_retries: int | None = None,
        allow_unknown_provider: bool = False,
    ) -> Integration: ...
    @overload
    async def create(
        self,
        request: NewIntegration | NewIntegrationDict,
        /,
        *,
        name: None = None,
        settings: None = None,
        timeout: float | None = None,
        connect_timeout: float | None = None,
        max_retries: int | None = None,
        allow_unknown_provider: Literal[False] = False,
    ) -> Integration: ...
    @overload
    async def create(
        self,
        request: NewIntegration | Mapping[str, object],
        /,
        *,
        name: None = None,
        settings: None = None,
        timeout: float | None = None,
        connect_timeout: float | None = None,
        max_retries: int | None = None,
        allow_unknown_provider: Literal[True],
    ) -> Integration: ...
    @overload
    async def create_with_response(
        self,
        request: None = None,
        /,
        *,
        name: str,
        settings: Provider,
        status: Status | None = "active",
        timeout: float | None = None,
        connect_timeout: float | None = None,
        max_retries: int | None = None,
        allow_unknown_provider: bool = False,
    ) -> Response[Integration]: ...
    @overload
    async def create_with_response(
        self,
        request: NewIntegration | NewIntegrationDict,
        /,
        *,
        name: None = None,
        settings: None = None,
        timeout: float | None = None,
        connect_timeout: float | None = None,
        max_retries: int | None = None,
        allow_unknown_provider: Literal[False] = False,
    ) -> Response[Integration]: ...
    @overload
    async def create_with_response(
        self,
        request: NewIntegration | Mapping[str, object],
        /,
        *,
        name: None = None,
        settings: None = None,
        timeout: float | None = None,
        connect_timeout: float | None = None,
        max_retries: int | None = None,
        allow_unknown_provider: Literal[True],
    ) -> Response[Integration]: ...
