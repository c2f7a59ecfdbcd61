"""A provider's settings, and those of a provider that this version does not know."""

from ._checks import a_str
from ._hidden import exposed, hidden, require_dict
from ._model import KEEP, NOTHING, Model, put
from ._native import RawValues

_new = object.__new__


class Settings(Model):
    """A provider's settings: the base of all their classes."""

    __slots__ = ()
    #: The provider's id.
    provider_id = ""
    #: Whether any may be left out.
    _is_partial = False
    #: The settings on the wire: the attribute, type, whether it is required, and whether it is a secret.
    _settings = {}

    @classmethod
    def from_dict(cls, settings):
        """The settings from a dict in the wire form. Raises `TypeError`, which names what does not belong or is missing."""
        # From here on nothing that a traceback could show is a secret in clear.
        settings = hidden(settings, {name for name, (_, _, _, secret) in cls._settings.items() if not secret})
        require_dict(settings)
        foreign = [name for name in settings if name not in cls._settings]
        missing = [name for name, (_, _, required, _) in cls._settings.items() if required and name not in settings]
        if foreign:
            raise TypeError(f"{cls.__name__} has no setting {foreign[0]!r}; it has {', '.join(cls._settings)}")
        if missing and not cls._is_partial:
            raise TypeError(f"{cls.__name__} needs {', '.join(missing)}")
        return cls(**{cls._settings[name][0]: value for name, value in settings.items()})

    def to_dict(self):
        """A dict in the wire form, **secrets in clear**."""
        return {name: exposed(value) for name, value in self._wire().items()}

    @classmethod
    def _read(cls, settings):
        """The settings and what is beside them, or `None` where they are not as this version knows them."""
        self = _new(cls)
        understood = cls._fields.fill(self, settings, True)
        if understood is None:
            return None
        if understood == len(settings):
            return self, NOTHING
        return self, RawValues({name: value for name, value in settings.items() if name not in cls._settings})


class SettingsUpdateBase(Settings):
    """Changes to a provider's settings: the base of all their classes."""

    __slots__ = ()
    _is_partial = True
    _left_out = KEEP

    def _wire(self):
        """Only what changes."""
        values = ((name, getattr(self, attribute)) for name, (attribute, *_) in self._settings.items())
        return {name: value for name, value in values if value is not KEEP}


class UnknownProvider(Model):
    """A provider, or settings, that this version does not know: sent and returned as they are.

    Example::

        UnknownProvider(provider_id="2000", settings={"bot_token": "123:abc"})
    """

    __slots__ = {
        "provider_id": "The provider's id.",
        "settings": "Its settings, unchecked. They show none of their values.",
    }
    __match_args__ = ("provider_id", "settings")

    def __init__(self, *, provider_id, settings):
        settings = RawValues(settings)
        put(self, "provider_id", a_str(self, "provider_id", provider_id))
        put(self, "settings", settings)

    def to_dict(self):
        """The settings in the wire form, **in clear**."""
        return self.settings.expose()

    def _wire(self):
        return self.settings
