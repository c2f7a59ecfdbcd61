from collections.abc import Mapping
from typing import Any

from typing_extensions import Self

from ._model import Model
from ._native import RawValues
from ._settings import UnknownProvider

class Result(Model):
    @classmethod
    def from_dict(cls, response: Mapping[str, object]) -> Self: ...
    def to_dict(self, *, reveal: bool = False) -> dict[str, Any]: ...

class IntegrationBase(Result):
    def __hash__(self) -> int: ...

class ProviderDescriptionBase(Result):
    def provider(self, settings: Mapping[str, Any] | RawValues) -> UnknownProvider: ...
