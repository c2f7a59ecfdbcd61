from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from typing_extensions import Self

from ._model import Model
from ._native import RawValues

class Settings(Model):
    provider_id: ClassVar[str]
    @classmethod
    def from_dict(cls, settings: Mapping[str, object]) -> Self: ...
    def to_dict(self) -> dict[str, Any]: ...

class SettingsUpdateBase(Settings): ...

class UnknownProvider(Model):
    __match_args__: ClassVar[tuple[Literal["provider_id"], Literal["settings"]]]
    def __init__(self, *, provider_id: str, settings: Mapping[str, Any] | RawValues | None) -> None: ...
    @property
    def provider_id(self) -> str: ...
    @property
    def settings(self) -> RawValues: ...
    def to_dict(self) -> Any: ...
