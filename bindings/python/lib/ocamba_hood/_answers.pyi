from collections.abc import Mapping
from typing import Any

from typing_extensions import Self

from ._model import Model
from ._native import RawValues
from ._settings import UnknownProvider

class Answer(Model):
    @classmethod
    def from_dict(cls, answer: Mapping[str, object]) -> Self: ...
    def to_dict(self) -> dict[str, Any]: ...

class IntegrationBase(Answer):
    def __hash__(self) -> int: ...

class ProviderDescriptionBase(Answer):
    def provider(self, settings: Mapping[str, Any] | RawValues) -> UnknownProvider: ...
