"""How pydantic validates the classes, as dicts in wire form, and serializes them, with redacted secrets.

Only hooks that pydantic calls import this module. Its errors quote their input, so whatever may be secret is hidden before it is
validated.
"""

from __future__ import annotations

from inspect import Parameter, signature
from types import GenericAlias
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args, get_type_hints

from pydantic import Field, TypeAdapter, ValidationError, WithJsonSchema
from pydantic_core import PydanticCustomError, core_schema as schemas

from ._model import REDACTED, Model, raw
from ._native import RawValues, Secret, hide, hide_values
from ._requests import NewIntegrationBase, UpdateIntegrationBase
from ._response import Page, Response
from ._results import IntegrationBase, Result
from ._settings import Settings, UnknownProvider

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import GetCoreSchemaHandler
    from pydantic_core.core_schema import CoreSchema, SerializationInfo

#: Stands for the id of a provider that this version does not know, and of an update without settings.
_UNKNOWN, _NONE = "unknown", "none"
_PASSWORD: Any = Annotated[str, WithJsonSchema({"type": "string", "format": "password", "writeOnly": True})]


def schema_of(cls: Any, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
    """The schema of a class. The source may have the type of an item, as in `Page[Integration]`."""
    return next(make(cls, source, handler) for kind, make in _MAKERS.items() if issubclass(cls, kind))


def by_provider_id(providers: dict[str, Any], handler: GetCoreSchemaHandler) -> CoreSchema:
    """The schema of a union of settings: a dict has a `provider_id`, which selects the class."""
    choices = {id: handler.generate_schema(kind) for id, kind in providers.items()}
    choices[_UNKNOWN] = handler.generate_schema(UnknownProvider)

    def tag(settings: Any) -> str | None:
        id = settings.get("provider_id") if isinstance(settings, dict) else getattr(settings, "provider_id", None)
        return None if id is None else id if isinstance(id, str) and id in choices else _UNKNOWN

    return schemas.no_info_before_validator_function(_hidden_settings, _tagged(choices, tag))


_SERIALIZERS: dict[Any, Any] = {}


def serializer_of(cls: Any) -> Any:
    """Serializes an object of the class where no schema has its type."""
    if cls not in _SERIALIZERS:
        _SERIALIZERS[cls] = TypeAdapter(cls).serializer
    return _SERIALIZERS[cls]


#: The `fastapi.encoders` that have ours: a program may remove or replace them later.
_registered: list[Any] = []


def register(encoders: Any) -> None:
    """Lets FastAPI encode what a response without a declared type contains, besides dataclasses, unless the program has encoders
    of its own. FastAPI asks only for objects of a `Model`, so a `Secret` or `RawValues` outside one needs a declared type."""
    if encoders in _registered:
        return
    _registered.append(encoders)
    for kind in (Secret, RawValues, Page, Response):
        encoders.ENCODERS_BY_TYPE.setdefault(kind, lambda value: serializer_of(type(value)).to_python(value, mode="json"))


class Redacted(str):
    """Stands for an input that may be secret, and is shown as `[REDACTED]`."""

    __slots__ = ("_held",)
    _held: Any

    def __new__(cls, value: object) -> Redacted:
        if isinstance(value, Redacted):
            return value
        self = super().__new__(cls, REDACTED)
        found = hide(value)
        self._held = found if type(found) is Secret else hide_values(value)
        return self

    def expose(self) -> Any:
        return self._held.expose()


def _exposed(value: Any) -> Any:
    return value.expose() if isinstance(value, Redacted) else value


def _hidden_settings(settings: Any) -> Any:
    """Hides all values of a dict but the provider's id. Settings of a class hide their own."""
    if isinstance(settings, dict):
        return {name: value if name == "provider_id" else Redacted(value) for name, value in settings.items()}
    return settings if isinstance(settings, (Settings, UnknownProvider)) else Redacted(settings)


def _secret(cls: Any, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
    def read(value: Any) -> Secret:
        found = hide(_exposed(value))
        if type(found) is Secret:
            return found
        raise PydanticCustomError("secret_type", "Input should be a string or a Secret")

    shown = schemas.plain_serializer_function_ser_schema(str, return_schema=schemas.str_schema(), when_used="json")
    return schemas.no_info_plain_validator_function(
        _guarded(cls, read), json_schema_input_schema=handler.generate_schema(_PASSWORD), serialization=shown
    )


def _raw_values(cls: Any, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
    wire = schemas.any_schema()
    shown = schemas.plain_serializer_function_ser_schema(lambda value: raw(value, False), return_schema=wire, when_used="json")
    return schemas.no_info_plain_validator_function(
        _guarded(cls, lambda value: RawValues(_exposed(value))), json_schema_input_schema=wire, serialization=shown
    )


def _settings(cls: Any, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
    """Settings of a provider: a dict of these, perhaps with its `provider_id`, which the output always has."""
    fields = {"provider_id": _field(handler, Literal[cls.provider_id], "The provider's id.", required=False)}
    for name, (attribute, kind, required, is_secret) in cls._settings.items():
        kind, required = Secret if is_secret else kind, required and not cls._is_partial
        fields[name] = _field(handler, kind if required else kind | None, cls.__slots__[attribute], required)
    open_names = {"provider_id", *(name for name, (*_, is_secret) in cls._settings.items() if not is_secret)}

    def read(value: Any, validate: Callable[[Any], Any]) -> Any:
        if isinstance(value, cls):
            return value
        value = _hidden_settings(value)
        if isinstance(value, dict):
            value = {name: _exposed(given) if name in open_names else given for name, given in value.items()}
        found = validate(value)
        found.pop("provider_id", None)
        return cls.from_dict(found)

    return _dict(cls, fields, read, lambda value, wire: {"provider_id": value.provider_id, **wire})


def _unknown_provider(cls: Any, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
    fields = {"provider_id": _field(handler, str, cls.__slots__["provider_id"]), "settings": _field(handler, Any, cls.__slots__["settings"])}

    def read(value: Any, validate: Callable[[Any], Any]) -> Any:
        if isinstance(value, cls):
            return value
        found = validate(_hidden_settings(value))
        return cls(provider_id=found["provider_id"], settings=_exposed(found["settings"]))

    return _dict(cls, fields, read, lambda value, wire: {"provider_id": value.provider_id, "settings": wire})


def _request(cls: Any, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
    """A create or an update: a dict whose `provider_id` selects the class of its settings."""
    is_create, about = issubclass(cls, NewIntegrationBase), cls.__slots__
    other = Annotated[str, WithJsonSchema({"type": "string", "not": {"enum": list(cls._providers)}})]

    def branch(id: Any = None, settings: Any = None) -> CoreSchema:
        fields = {"name": _field(handler, str, about["name"], is_create)}
        if id is not None:
            fields["provider_id"] = _field(handler, id, "The provider's id.")
            fields["settings"] = _field(handler, settings, about["settings"])
        fields["status"] = _field(handler, str | None if is_create else str, about["status"], required=False)
        return schemas.typed_dict_schema(fields, extra_behavior="forbid")

    choices = {id: branch(Literal[id], kind) for id, kind in cls._providers.items()}
    choices[_UNKNOWN] = branch(other, Annotated[Any, WithJsonSchema({"type": "object"})])
    if not is_create:
        choices[_NONE] = branch()

    def tag(request: Any) -> str | None:
        id = request.get("provider_id") if isinstance(request, dict) else None
        if id is None:
            return None if is_create or "settings" in request else _NONE
        return id if isinstance(id, str) and id in choices else _UNKNOWN

    def read(value: Any, validate: Callable[[Any], Any]) -> Any:
        if isinstance(value, cls):
            return value
        if isinstance(value, dict):
            value = {name: given if name in ("name", "provider_id", "status") else _hidden_settings(given) for name, given in value.items()}
            id = getattr(value.get("settings"), "provider_id", None)
            if id is not None and value.setdefault("provider_id", id) != id:
                raise PydanticCustomError("provider_id", "Input should have settings of its provider_id")
        found = validate(value if isinstance(value, dict) else Redacted(value))
        id, settings = found.pop("provider_id", None), found.get("settings")
        if isinstance(settings, (dict, Redacted)):
            settings = {name: _exposed(given) for name, given in settings.items()} if isinstance(settings, dict) else _exposed(settings)
            found["settings"] = UnknownProvider(provider_id=id, settings=settings)
        return cls(**({"status": None, **found} if is_create else found))

    def write(value: Any, wire: dict[str, Any]) -> dict[str, Any]:
        return wire if "settings" not in wire else {**wire, "provider_id": value.settings.provider_id}

    return _validated(cls, _tagged(choices, tag), read, write)


def _result(cls: Any, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
    """A result, which is read as tolerantly as a response, and always redacted."""
    kinds = {name: (attribute, kind) for name, (attribute, kind, *_) in cls._table.items()}
    kinds |= {name: (attribute, GenericAlias(list, kind) if several else kind) for name, (attribute, kind, several) in cls._nested.items()}
    if issubclass(cls, IntegrationBase):
        kinds["settings"] = ("settings", dict[str, Any])
    fields = {
        name: _field(handler, kind if name == cls._key else kind | None, cls.__slots__[attribute], name == cls._key)
        for name, (attribute, kind) in kinds.items()
    }
    wire = schemas.typed_dict_schema(fields, cls=_summary(cls), extra_behavior="allow")

    def read(value: Any, validate: Callable[[Any], Any]) -> Any:
        if isinstance(value, cls) or not isinstance(value, dict):
            return value if isinstance(value, cls) else validate(Redacted(value))
        try:
            return cls.from_dict(value)
        except ValueError:
            # Reports the missing field, without the input.
            return validate({})

    shown = schemas.plain_serializer_function_ser_schema(lambda value: value.to_dict())
    return _wrapped(cls, read, wire, shown)


def _page(cls: Any, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
    return _record(cls, handler, {"items": GenericAlias(tuple, (_item(source), ...)), "total": int | None})


def _response(cls: Any, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
    # Headers may contain secrets.
    return _record(cls, handler, {"value": _item(source), "status": int, "trace_id": str | None}, headers={})


def _model(cls: Any, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
    hints = get_type_hints(cls)
    return _record(cls, handler, {name: hints.get(name, Any) for name in cls.__match_args__})


def _item(source: Any) -> Any:
    return (*get_args(source), Any)[0]


def _record(cls: Any, handler: GetCoreSchemaHandler, kinds: dict[str, Any], **others: Any) -> CoreSchema:
    """An object with these fields, of which those are optional that its constructor does not require."""
    optional = {name for name, parameter in signature(cls).parameters.items() if parameter.default is not Parameter.empty}
    fields = {name: _field(handler, kind, cls.__slots__[name], name not in optional) for name, kind in kinds.items()}
    wire = schemas.typed_dict_schema(fields, cls=_summary(cls))

    def read(value: Any, validate: Callable[[Any], Any]) -> Any:
        if isinstance(value, cls):
            return value
        try:
            return cls(**validate(value), **others)
        except ValidationError as error:
            found = error.errors(include_url=False)
        # Without the input, which may contain secrets.
        hidden: Any = [{"type": PydanticCustomError(one["type"], one["msg"]), "loc": one["loc"], "input": REDACTED} for one in found]
        raise ValidationError.from_exception_data(cls.__name__, hidden)

    write = schemas.plain_serializer_function_ser_schema(
        lambda value: {name: getattr(value, name) for name in kinds}, return_schema=wire
    )
    read.__name__ = read.__qualname__ = cls.__name__
    return schemas.no_info_wrap_validator_function(read, wire, serialization=write)


def _tagged(choices: dict[str, Any], tag: Callable[[Any], str | None]) -> CoreSchema:
    message = "Input should be a dict with a provider_id"
    return schemas.tagged_union_schema(choices, tag, custom_error_type="provider_id", custom_error_message=message)


def _dict(cls: Any, fields: dict[str, Any], read: Any, write: Any) -> CoreSchema:
    return _validated(cls, schemas.typed_dict_schema(fields, cls=_summary(cls), extra_behavior="forbid"), read, write)


def _validated(cls: Any, wire: CoreSchema, read: Any, write: Callable[[Any, Any], Any]) -> CoreSchema:
    """The schema of a class that is read by a function, and written by one from the object and its dict."""

    def shown(value: Any, info: SerializationInfo) -> Any:
        # Python keeps each secret as an object, and JSON has none.
        return write(value, value.to_dict() if info.mode == "json" else _held(value))

    serialization = schemas.plain_serializer_function_ser_schema(shown, info_arg=True)
    return _wrapped(cls, read, wire, serialization)


def _wrapped(cls: Any, read: Any, wire: CoreSchema, serialization: Any) -> CoreSchema:
    ref = f"{cls.__module__}.{cls.__qualname__}:{id(cls)}"
    return schemas.no_info_wrap_validator_function(_guarded(cls, read), wire, serialization=serialization, ref=ref)


def _guarded(cls: Any, read: Callable[..., Any]) -> Any:
    """The function with errors that do not quote its input, which may contain secrets."""

    def guarded(*arguments: Any) -> Any:
        try:
            return read(*arguments)
        except ValidationError:
            # Of a nested value, which was hidden before.
            raise
        except ValueError as error:
            found = error if isinstance(error, PydanticCustomError) else PydanticCustomError("value_error", str(error))  # type: ignore[arg-type]
        raise ValidationError.from_exception_data(cls.__name__, [{"type": found, "input": REDACTED}])

    # Errors show the name of the function.
    guarded.__name__ = guarded.__qualname__ = cls.__name__
    return guarded


def _held(value: Any) -> Any:
    """A dict in wire form, with secrets as objects."""
    wire = value._wire()
    return {name: _held(one) if hasattr(one, "_wire") else one for name, one in wire.items()} if isinstance(wire, dict) else wire


def _field(handler: GetCoreSchemaHandler, kind: Any, about: str, required: bool = True) -> Any:
    return schemas.typed_dict_field(handler.generate_schema(Annotated[kind, Field(description=about)]), required=required)


def _summary(cls: Any) -> Any:
    """A class for the title and description in JSON schemas."""
    return type(cls.__name__, (), {"__doc__": cls.__doc__.split("\n")[0]})


_MAKERS = {
    Secret: _secret,
    RawValues: _raw_values,
    Settings: _settings,
    UnknownProvider: _unknown_provider,
    NewIntegrationBase: _request,
    UpdateIntegrationBase: _request,
    Result: _result,
    Page: _page,
    Response: _response,
    Model: _model,
}
