from collections.abc import Coroutine, Mapping, Sequence
from typing import Any, Generic, Literal, TypeVar, overload

from typing_extensions import TypeAlias

from ._generated import Integration, NewIntegration, Provider, ProviderDescription, SettingsUpdate, UpdateIntegration
from ._listing import AsyncListing, Listing
from ._model import Keep
from ._native import Client as _NativeClient
from ._response import Ensured, Response
from .types import IntegrationType, NewIntegrationDict, Status, UpdateIntegrationDict, View

_T = TypeVar("_T")
_Later: TypeAlias = Coroutine[Any, Any, _T]

_One = TypeVar("_One")
_Nothing = TypeVar("_Nothing")
_Ensured = TypeVar("_Ensured")
_Found = TypeVar("_Found")
_Listing = TypeVar("_Listing")

#: The calls, by the types of their results, which differ between the four classes.
class _Integrations(Generic[_One, _Nothing, _Ensured, _Found, _Listing]):
    def __init__(self, client: _NativeClient) -> None: ...
    @overload
    def create(self, request: None = None, /, *, name: str, settings: Provider, status: Status | None = "active", allow_unknown_provider: bool = False, timeout: float | None = None, connect_timeout: float | None = None, max_retries: int | None = None) -> _One: ...
    @overload
    def create(self, request: NewIntegration | NewIntegrationDict, /, *, name: None = None, settings: None = None, allow_unknown_provider: Literal[False] = False, timeout: float | None = None, connect_timeout: float | None = None, max_retries: int | None = None) -> _One: ...
    @overload
    def create(self, request: NewIntegration | Mapping[str, object], /, *, name: None = None, settings: None = None, allow_unknown_provider: Literal[True], timeout: float | None = None, connect_timeout: float | None = None, max_retries: int | None = None) -> _One: ...
    @overload
    def validate(self, request: None = None, /, *, name: str, settings: Provider, status: Status | None = "active", allow_unknown_provider: bool = False, timeout: float | None = None, connect_timeout: float | None = None, max_retries: int | None = None) -> _Nothing: ...
    @overload
    def validate(self, request: NewIntegration | NewIntegrationDict, /, *, name: None = None, settings: None = None, allow_unknown_provider: Literal[False] = False, timeout: float | None = None, connect_timeout: float | None = None, max_retries: int | None = None) -> _Nothing: ...
    @overload
    def validate(self, request: NewIntegration | Mapping[str, object], /, *, name: None = None, settings: None = None, allow_unknown_provider: Literal[True], timeout: float | None = None, connect_timeout: float | None = None, max_retries: int | None = None) -> _Nothing: ...
    @overload
    def ensure(self, request: None = None, /, *, name: str, settings: Provider, status: Status | None = "active", allow_unknown_provider: bool = False, reconcile_timeout: float | None = None, timeout: float | None = None, connect_timeout: float | None = None, max_retries: int | None = None) -> _Ensured: ...
    @overload
    def ensure(self, request: NewIntegration | NewIntegrationDict, /, *, name: None = None, settings: None = None, allow_unknown_provider: Literal[False] = False, reconcile_timeout: float | None = None, timeout: float | None = None, connect_timeout: float | None = None, max_retries: int | None = None) -> _Ensured: ...
    @overload
    def ensure(self, request: NewIntegration | Mapping[str, object], /, *, name: None = None, settings: None = None, allow_unknown_provider: Literal[True], reconcile_timeout: float | None = None, timeout: float | None = None, connect_timeout: float | None = None, max_retries: int | None = None) -> _Ensured: ...
    def find_created(self, error: BaseException, *, reconcile_timeout: float | None = None, timeout: float | None = None, connect_timeout: float | None = None, max_retries: int | None = None) -> _Found: ...
    def get(self, id: str, *, timeout: float | None = None, connect_timeout: float | None = None, max_retries: int | None = None) -> _One: ...
    def list(self, *, type: IntegrationType | None = None, provider_id: str | None = None, q: str | None = None, q_fields: str | Sequence[str] | None = None, sort: str | Sequence[str] | None = None, fields: str | Sequence[str] | None = None, view: View | None = None, page_size: int | None = None, timeout: float | None = None, connect_timeout: float | None = None, max_retries: int | None = None) -> _Listing: ...
    @overload
    def update(self, id: str, update: None = None, /, *, name: str | Keep = ..., status: Status | Keep = ..., settings: SettingsUpdate | Keep = ..., allow_unknown_provider: bool = False, timeout: float | None = None, connect_timeout: float | None = None, max_retries: int | None = None) -> _Nothing: ...
    @overload
    def update(self, id: str, update: UpdateIntegration | UpdateIntegrationDict, /, *, allow_unknown_provider: Literal[False] = False, timeout: float | None = None, connect_timeout: float | None = None, max_retries: int | None = None) -> _Nothing: ...
    @overload
    def update(self, id: str, update: UpdateIntegration | Mapping[str, object], /, *, allow_unknown_provider: Literal[True], timeout: float | None = None, connect_timeout: float | None = None, max_retries: int | None = None) -> _Nothing: ...
    @overload
    def send_test(self, id_or_request: str | NewIntegration | NewIntegrationDict, /, *, allow_unknown_provider: Literal[False] = False, timeout: float | None = None, connect_timeout: float | None = None, max_retries: int | None = None) -> _Nothing: ...
    @overload
    def send_test(self, id_or_request: NewIntegration | Mapping[str, object], /, *, allow_unknown_provider: Literal[True], timeout: float | None = None, connect_timeout: float | None = None, max_retries: int | None = None) -> _Nothing: ...

class Integrations(_Integrations[Integration, None, Ensured, Integration | None, Listing[Integration]]):
    @property
    def with_response(self) -> IntegrationsWithResponse: ...

class IntegrationsWithResponse(
    _Integrations[
        Response[Integration], Response[None], Response[Ensured], Response[Integration | None], Listing[Integration]
    ]
): ...

class AsyncIntegrations(
    _Integrations[
        _Later[Integration], _Later[None], _Later[Ensured], _Later[Integration | None], AsyncListing[Integration]
    ]
):
    @property
    def with_response(self) -> AsyncIntegrationsWithResponse: ...

class AsyncIntegrationsWithResponse(
    _Integrations[
        _Later[Response[Integration]],
        _Later[Response[None]],
        _Later[Response[Ensured]],
        _Later[Response[Integration | None]],
        AsyncListing[Integration],
    ]
): ...

class Providers:
    def __init__(self, client: _NativeClient) -> None: ...
    def list(self, *, page_size: int | None = None, timeout: float | None = None, connect_timeout: float | None = None, max_retries: int | None = None) -> Listing[ProviderDescription]: ...

class AsyncProviders:
    def __init__(self, client: _NativeClient) -> None: ...
    def list(self, *, page_size: int | None = None, timeout: float | None = None, connect_timeout: float | None = None, max_retries: int | None = None) -> AsyncListing[ProviderDescription]: ...
