"""Settings of providers, including those that this version does not know."""

from __future__ import annotations

from ._checks import a_str, hidden, raw_values, require_dict
from ._model import KEEP, NOTHING, REDACTED, Model, put, raw
from ._native import RawValues, Secret, hide_values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, ClassVar, Final, Literal

    from typing_extensions import Self
else:
    # `get_type_hints` evaluates annotations.
    Any, Mapping, Self = object, dict, object

_new = object.__new__


class Settings(Model):
    """Settings of a provider: the base class."""

    __slots__ = ()
    #: The provider's id.
    provider_id = ""  # type: ClassVar[str]
    #: The provider's name for people.
    _title = ""  # type: ClassVar[str]
    #: Whether all settings are optional.
    _is_partial = False
    #: Attribute, type, whether the setting is required, and whether it is secret, by name on the wire.
    _settings = {}  # type: ClassVar[dict[str, tuple[str, type, bool, bool]]]

    @classmethod
    def from_dict(cls, settings: Mapping[str, object]) -> Self:
        """Creates settings from a dict in wire form. Raises a `TypeError` that names unknown or missing settings."""
        # From here on, no traceback can show a secret.
        settings = hidden(settings, {name for name, (_, _, _, secret) in cls._settings.items() if not secret})
        require_dict(settings)
        foreign = [name for name in settings if name not in cls._settings]
        missing = [name for name, (_, _, required, _) in cls._settings.items() if required and name not in settings]
        if foreign:
            raise TypeError(f"{cls.__name__} has no setting {foreign[0]!r}; it has {', '.join(cls._settings)}")
        if missing and not cls._is_partial:
            raise TypeError(f"{cls.__name__} requires {', '.join(missing)}")
        return cls(**{cls._settings[name][0]: value for name, value in settings.items()})

    def to_dict(self, *, reveal: bool = False) -> dict[str, Any]:
        """Returns a dict in wire form. Secrets are redacted, or with `reveal=True` **in clear**."""
        wire = self._wire()  # type: ignore[attr-defined]
        shown = lambda secret: secret.expose() if reveal else REDACTED
        return {name: shown(value) if type(value) is Secret else value for name, value in wire.items()}

    def _hidden(self, changes: dict[str, Any]) -> dict[str, Any]:
        return hidden(changes, {attribute for attribute, _, _, secret in self._settings.values() if not secret})  # type: ignore[no-any-return]

    @classmethod
    def _read(cls, settings):
        """The settings and the unknown ones next to them; `None` if this version does not understand them."""
        self = _new(cls)
        understood = cls._fields.fill(self, settings, True)
        if understood is None:
            return None
        if understood == len(settings):
            return self, NOTHING
        return self, RawValues({name: value for name, value in settings.items() if name not in cls._settings})


class SettingsUpdateBase(Settings):
    """Changes to the settings of a provider: the base class."""

    __slots__ = ()
    _is_partial = True
    _left_out = KEEP

    def _wire(self):
        """The changed settings."""
        values = ((name, getattr(self, attribute)) for name, (attribute, *_) in self._settings.items())
        return {name: value for name, value in values if value is not KEEP}


class UnknownProvider(Model):
    """A provider that this version does not know, with its settings, which are sent and returned unchanged.

    Example::

        UnknownProvider(provider_id="2000", settings={"bot_token": "123:abc"})
    """

    __slots__ = {
        "provider_id": "The provider's id.",
        "settings": "Its settings, unchecked. Their `repr` hides all values.",
    }
    __match_args__ = ("provider_id", "settings")  # type: ClassVar[tuple[Literal["provider_id"], Literal["settings"]]]
    if TYPE_CHECKING:
        provider_id: Final[str]  # type: ignore[misc]
        settings: Final[RawValues]  # type: ignore[misc]
    else:
        provider_id: str
        settings: RawValues

    def __init__(self, *, provider_id: str, settings: Mapping[str, Any] | RawValues | None) -> None:
        settings = hide_values(settings)
        put(self, "provider_id", a_str(self, "provider_id", provider_id))
        put(self, "settings", raw_values(self, "settings", settings))

    def to_dict(self, *, reveal: bool = False) -> Any:
        """Returns the settings in wire form: redacted, since any may be secret, or with `reveal=True` **in clear**."""
        return raw(self.settings, reveal)

    def _hidden(self, changes: dict[str, Any]) -> dict[str, Any]:
        return {name: value if name == "provider_id" else hide_values(value) for name, value in changes.items()}

    def _wire(self):
        return self.settings
