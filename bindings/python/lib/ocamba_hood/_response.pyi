from collections.abc import Iterable, Mapping
from types import GenericAlias
from typing import Any, ClassVar, Final, Generic, Literal, TypeVar

from ._generated import Integration
from ._http import Headers
from ._model import Model
from ._tabular import Tabular

_T = TypeVar("_T")

class Response(Model, Generic[_T]):
    __match_args__: ClassVar[tuple[Literal["value"], Literal["status"], Literal["headers"], Literal["trace_id"]]]
    def __class_getitem__(cls, item: Any, /) -> GenericAlias: ...
    def __init__(self, *, value: _T, status: int, headers: Mapping[str, str], trace_id: str | None = None) -> None: ...
    @property
    def value(self) -> _T: ...
    status: Final[int]
    headers: Final[Headers]
    trace_id: Final[str | None]

class Ensured(Model):
    __match_args__: ClassVar[tuple[Literal["integration"], Literal["action"]]]
    def __init__(self, *, integration: Integration, action: Literal["created", "adopted", "updated"]) -> None: ...
    integration: Final[Integration]
    action: Final[Literal["created", "adopted", "updated"]]

class Page(Tabular, Model, Generic[_T]):
    __match_args__: ClassVar[tuple[Literal["items"], Literal["total"]]]
    def __class_getitem__(cls, item: Any, /) -> GenericAlias: ...
    def __init__(self, *, items: Iterable[_T], total: int | None = None) -> None: ...
    @property
    def items(self) -> tuple[_T, ...]: ...
    total: Final[int | None]

class RateLimitStatus(Model):
    __match_args__: ClassVar[
        tuple[
            Literal["storage"],
            Literal["fallback_reason"],
            Literal["tier"],
            Literal["used_in_second"],
            Literal["used_in_minute"],
            Literal["in_flight"],
            Literal["in_flight_limit"],
            Literal["blocked_for"],
            Literal["waiting"],
        ]
    ]
    def __init__(
        self,
        *,
        storage: Literal["off", "memory", "file", "redis"],
        fallback_reason: str | None,
        tier: str,
        used_in_second: int,
        used_in_minute: int,
        in_flight: int,
        in_flight_limit: int | None,
        blocked_for: float,
        waiting: int,
    ) -> None: ...
    storage: Final[Literal["off", "memory", "file", "redis"]]
    fallback_reason: Final[str | None]
    tier: Final[str]
    used_in_second: Final[int]
    used_in_minute: Final[int]
    in_flight: Final[int]
    in_flight_limit: Final[int | None]
    blocked_for: Final[float]
    waiting: Final[int]
