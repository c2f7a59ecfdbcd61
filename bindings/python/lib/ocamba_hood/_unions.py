"""The settings of any provider, as types for `isinstance` and pydantic. Type checkers know them as unions."""

from ._generated import NewIntegration, UpdateIntegration
from ._settings import UnknownProvider


class _Union(type):
    def __instancecheck__(cls, value):
        return isinstance(value, (*cls._providers.values(), UnknownProvider))

    def __subclasscheck__(cls, kind):
        return issubclass(kind, (*cls._providers.values(), UnknownProvider))

    def __get_pydantic_core_schema__(cls, source, handler):
        from ._pydantic import by_provider_id

        return by_provider_id(cls._providers, handler)


class Provider(metaclass=_Union):
    """The settings of any provider. For pydantic, a dict with a `provider_id`, which selects the class."""

    _providers = NewIntegration._providers  # type: ignore[attr-defined]
    # FastAPI reads dataclasses from the body, and unknown classes from the query.
    __dataclass_fields__ = {}  # type: ignore[var-annotated]


class SettingsUpdate(metaclass=_Union):
    """Changes to the settings of any provider. For pydantic, a dict with a `provider_id`, which selects the class."""

    _providers = UpdateIntegration._providers  # type: ignore[attr-defined]
    __dataclass_fields__ = {}  # type: ignore[var-annotated]
