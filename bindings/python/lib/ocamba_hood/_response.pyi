from collections.abc import Mapping
from typing import ClassVar, Generic, Literal, TypeVar

from ._model import Model

_T = TypeVar("_T")

class Response(Model, Generic[_T]):
    __match_args__: ClassVar[tuple[Literal["value"], Literal["status"], Literal["headers"], Literal["trace_id"]]]
    def __init__(self, *, value: _T, status: int, headers: Mapping[str, str], trace_id: str | None = None) -> None: ...
    @property
    def value(self) -> _T: ...
    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> dict[str, str]: ...
    @property
    def trace_id(self) -> str | None: ...
