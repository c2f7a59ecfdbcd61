from collections.abc import Mapping
from typing import Any

from typing_extensions import Self

from ._model import Model

class NewIntegrationBase(Model):
    @classmethod
    def from_dict(cls, request: Mapping[str, object]) -> Self: ...
    def to_dict(self, *, reveal: bool = False) -> dict[str, Any]: ...

class UpdateIntegrationBase(Model):
    @classmethod
    def from_dict(cls, update: Mapping[str, object]) -> Self: ...
    def to_dict(self, *, reveal: bool = False) -> dict[str, Any]: ...
