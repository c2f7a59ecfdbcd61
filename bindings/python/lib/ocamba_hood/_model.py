"""The base of the generated classes: frozen, compared by value, and without secrets in `repr`."""

from __future__ import annotations

from sys import modules

from ._native import RawValues, Secret, hide_values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, ClassVar

    from typing_extensions import Never, Self
else:
    # `get_type_hints` evaluates annotations.
    Any = Never = Self = object

put = object.__setattr__

#: What is shown instead of a secret.
REDACTED = str(Secret(""))

#: The unknown fields of most results.
NOTHING = RawValues({})


class Keep:
    """The type of `KEEP`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "KEEP"

    def __reduce__(self) -> str:
        # A copy or pickle is the same object.
        return "KEEP"


#: The value of an omitted field of an update: the field keeps its value.
KEEP = Keep()


class _Twin:
    """An attribute of dataclasses, made when something reads it, since importing `dataclasses` takes longer than the package."""

    __slots__ = ("_name",)

    def __set_name__(self, owner: object, name: str) -> None:
        self._name = name

    def __get__(self, instance: object, owner: type) -> Any:
        if (encoders := modules.get("fastapi.encoders")) is not None:
            from ._pydantic import register

            register(encoders)
        # pydantic does not ask a generic dataclass for its schema.
        if hasattr(owner, "__class_getitem__"):
            raise AttributeError(self._name)
        from ._dataclass import twin

        return getattr(twin(owner), self._name)


class _Serializer:
    """How pydantic serializes an object where no schema has its type."""

    __slots__ = ()

    def __get__(self, instance: object, owner: type) -> Any:
        # A class that has this attribute is a `BaseModel`.
        if instance is None or "pydantic" not in modules:
            raise AttributeError("__pydantic_serializer__")
        from ._pydantic import serializer_of

        return serializer_of(owner)


class Model:
    """An object that is frozen, compared by value, and shows no secret. `dataclasses` and pydantic know its fields."""

    __slots__ = ()
    __match_args__ = ()  # type: ClassVar[tuple[str, ...]]
    __dataclass_fields__ = _Twin()  # type: ClassVar[dict[str, Any]]  # type: ignore[assignment]
    __dataclass_params__ = _Twin()
    __pydantic_serializer__ = _Serializer()
    #: The fields that a notebook shows, if not all.
    _shown = ()  # type: ClassVar[tuple[str, ...]]
    #: The value of an omitted field, which `repr` leaves out.
    _left_out = None  # type: ClassVar[Keep | None]

    def __setattr__(self, name: str, value: Never) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen: {name!r} cannot be set")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen: {name!r} cannot be deleted")

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in self.__match_args__)

    def __hash__(self) -> int:
        return hash((type(self), *(getattr(self, name) for name in self.__match_args__)))

    def __repr__(self) -> str:
        # In a traceback, some fields may be missing.
        shown = ((name, getattr(self, name, self._left_out)) for name in self.__match_args__)
        given = [f"{name}={value!r}" for name, value in shown if value is not self._left_out]
        return f"{type(self).__name__}({', '.join(given)})"

    def _repr_html_(self) -> str:
        from ._html import fields

        return fields(self)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        from ._pydantic import schema_of

        return schema_of(cls, source, handler)

    def __replace__(self, /, **changes: Any) -> Self:
        """Returns a copy with some fields changed, for `copy.replace` of Python 3.13."""
        # From here on, no traceback can show a secret.
        changes = self._hidden(changes)
        return type(self)(**{name: getattr(self, name) for name in self.__match_args__} | changes)

    def _hidden(self, changes: dict[str, Any]) -> dict[str, Any]:
        """Hides all that may be secret in the arguments of `__replace__`."""
        known = [name for name in self.__match_args__ if not name.startswith("extra")]
        return {name: value if name in known else hide_values(value) for name, value in changes.items()}

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce_ex__(self, protocol: object) -> Never:
        name = type(self).__name__
        what = "to_dict(reveal=True)" if hasattr(self, "to_dict") else "its fields"
        raise TypeError(f"{name} cannot be pickled, because the pickle would expose its secrets; pickle {what} if you mean to")


def fill(self: Model, fields: dict[str, Any]) -> None:
    """Sets all fields of an object that the package makes."""
    missing = [name for name in self.__match_args__ if name not in fields]
    if missing:
        raise TypeError(f"{type(self).__name__} requires {', '.join(missing)}")
    for name in self.__match_args__:
        put(self, name, fields[name])


def raw(values: RawValues, reveal: bool) -> Any:
    """Values that this version does not know: in clear, or all redacted."""
    known = values.expose()
    if reveal:
        return known
    redacted = lambda value: None if value is None else REDACTED
    return {name: redacted(value) for name, value in known.items()} if isinstance(known, dict) else redacted(known)
