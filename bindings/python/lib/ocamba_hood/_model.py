"""What all the generated classes have in common: they are frozen, compare by value, and show no secret."""

from ._checks import a_str
from ._native import RawValues, Secret, hide

put = object.__setattr__
_new = object.__new__

#: What most results have of what this version does not know.
_NOTHING = RawValues({})


class Model:
    """Frozen, comparable, and without secrets in what it shows."""

    __slots__ = ()
    __match_args__ = ()

    def __setattr__(self, name, value):
        raise AttributeError(f"{type(self).__name__} is frozen: {name!r} cannot be set")

    def __delattr__(self, name):
        raise AttributeError(f"{type(self).__name__} is frozen: {name!r} cannot be deleted")

    def __eq__(self, other):
        if type(other) is not type(self):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in self.__match_args__)

    def __hash__(self):
        return hash((type(self), *(getattr(self, name) for name in self.__match_args__)))

    def __repr__(self):
        # One that is only half made, as in a traceback, shows what it has.
        shown = ((name, getattr(self, name, None)) for name in self.__match_args__)
        given = [f"{name}={value!r}" for name, value in shown if value is not None]
        return f"{type(self).__name__}({', '.join(given)})"

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self

    def __reduce_ex__(self, protocol):
        name = type(self).__name__
        raise TypeError(f"{name} is not pickled, since the pickle would show its secrets; pickle to_dict() if that is meant")


class Settings(Model):
    """A provider's settings: the base of all their classes."""

    __slots__ = ()
    #: The provider's id.
    provider_id = ""
    #: The settings on the wire: the attribute, type, whether it is required, and whether it is a secret.
    _settings = {}

    @classmethod
    def from_dict(cls, settings):
        """The settings from a dict in the wire form. Raises `TypeError`, which names what does not belong or is missing."""
        # From here on nothing that a traceback could show is a secret in clear.
        settings = _hidden(settings, {name for name, (_, _, _, secret) in cls._settings.items() if not secret})
        _require_dict(settings)
        foreign = [name for name in settings if name not in cls._settings]
        missing = [name for name, (_, _, required, _) in cls._settings.items() if required and name not in settings]
        if foreign:
            raise TypeError(f"{cls.__name__} has no setting {foreign[0]!r}; it has {', '.join(cls._settings)}")
        if missing:
            raise TypeError(f"{cls.__name__} needs {', '.join(missing)}")
        return cls(**{cls._settings[name][0]: value for name, value in settings.items()})

    def to_dict(self):
        """A dict in the wire form, **secrets in clear**."""
        return {name: _exposed(value) for name, value in self._wire().items()}

    @classmethod
    def _read(cls, settings):
        """The settings and what is beside them, or `None` where they are not as this version knows them."""
        self = _new(cls)
        understood = cls._fields.fill(self, settings, True)
        if understood is None:
            return None
        if understood == len(settings):
            return self, _NOTHING
        return self, RawValues({name: value for name, value in settings.items() if name not in cls._settings})


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


class NewIntegrationBase(Model):
    """A create: a name, and a provider's settings."""

    __slots__ = ()

    @classmethod
    def from_dict(cls, request):
        """A create from a dict in the wire form, also of a provider that this version does not know."""
        # From here on nothing that a traceback could show is a secret in clear.
        request = _hidden(request, {"name", "provider_id", "status"})
        _require_dict(request)
        settings, id = request.pop("settings", None), request.pop("provider_id", None)
        known = cls._providers.get(id) if isinstance(id, str) else None
        if isinstance(settings, Model):
            if id is not None and id != settings.provider_id:
                raise TypeError(f"settings is {type(settings).__name__}, whose provider_id is {settings.provider_id}, not the one given")
        elif known is not None:
            settings = known.from_dict(settings)
        else:
            settings = UnknownProvider(provider_id=id, settings=settings)
        return cls(settings=settings, **{"status": None, **request})

    def to_dict(self):
        """A dict in the wire form, **secrets in clear**."""
        return {**self._wire(), "settings": self.settings.to_dict()}

    def _wire(self):
        """As it goes over the wire, with secrets still hidden."""
        wire = {"name": self.name, "provider_id": self.settings.provider_id, "settings": self.settings}
        if self.status is not None:
            wire["status"] = self.status
        return wire


class IntegrationBase(Model):
    """What the server returned, read tolerantly."""

    __slots__ = ()

    def __hash__(self):
        return hash((type(self), self.id))

    @classmethod
    def from_dict(cls, integration):
        """An integration from a dict in the wire form. Raises `ValueError` if it has no `id`."""
        id = integration.get("id")
        if type(id) is int:
            id = str(id)
        if type(id) is not str:
            integration = None
            raise ValueError("an integration needs an `id`")
        return cls._read(integration, id)

    def to_dict(self):
        """A dict in the wire form, **secrets in clear**, with all that this version does not know."""
        fields = {name: getattr(self, attribute) for name, (attribute, *_) in self._table.items()}
        if self.settings is not None:
            fields["settings"] = self.settings.to_dict()
            if self.extra_settings:
                fields["settings"].update(self.extra_settings.expose())
        return {**{name: value for name, value in fields.items() if value is not None}, **self.extra.expose()}

    @classmethod
    def _read(cls, fields, id):
        self = _new(cls)
        # A value of another type than promised stays with what is not known.
        understood = cls._fields.fill(self, fields, False)
        put(self, "id", id)
        settings, extra_settings = self._read_settings(fields.get("settings"))
        put(self, "settings", settings)
        put(self, "extra_settings", extra_settings)
        understood += settings is not None
        put(self, "extra", _NOTHING if understood == len(fields) else self._not_understood(fields))
        return self

    def _read_settings(self, raw):
        """The settings, typed as far as they are known, and the rest of them."""
        if raw is None:
            return None, _NOTHING
        known = self._providers.get(self.provider_id)
        found = known._read(raw) if known is not None and type(raw) is dict else None
        return found or (UnknownProvider(provider_id=self.provider_id or "", settings=raw), _NOTHING)

    def _not_understood(self, fields):
        understood = {name for name, (attribute, *_) in self._table.items() if getattr(self, attribute) is not None}
        if self.settings is not None:
            understood.add("settings")
        return RawValues({name: value for name, value in fields.items() if name not in understood})


def _hidden(values, open_names):
    """A copy in which nothing shows itself but the values of these names; or the type of what is no dict. Never raises."""
    if type(values) is RawValues:
        values = values.expose()
    if not isinstance(values, dict):
        return type(values)
    return {name: value if name in open_names else _hidden_value(value) for name, value in values.items()}


def _require_dict(hidden):
    if not isinstance(hidden, dict):
        raise TypeError(f"expected a dict, not {hidden.__name__}")


def _hidden_value(value):
    if isinstance(value, str):
        return hide(value)
    return RawValues(value) if isinstance(value, (dict, list)) else value


def _exposed(value):
    return value.expose() if type(value) is Secret else value
