from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final, Literal

from ._model import Model

class Headers(Mapping[str, str]):
    def __init__(self, values: Mapping[str, str] = {}) -> None: ...
    def __getitem__(self, name: str) -> str: ...
    def __iter__(self) -> Iterator[str]: ...
    def __len__(self) -> int: ...
    def __eq__(self, other: object) -> bool: ...

class Attempt(Model):
    __match_args__: ClassVar[
        tuple[
            Literal["number"],
            Literal["operation"],
            Literal["method"],
            Literal["url"],
            Literal["path"],
            Literal["path_template"],
            Literal["host"],
            Literal["port"],
            Literal["started"],
            Literal["duration"],
            Literal["status"],
            Literal["error"],
            Literal["trace_id"],
        ]
    ]
    def __init__(self, **fields: Any) -> None: ...
    number: Final[int]
    operation: Final[str]
    method: Final[str]
    url: Final[str]
    path: Final[str]
    path_template: Final[str]
    host: Final[str]
    port: Final[int]
    started: Final[float]
    duration: Final[float]
    status: Final[int | None]
    error: Final[str | None]
    trace_id: Final[str | None]
