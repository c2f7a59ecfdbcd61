"""Results, read tolerantly: unknown fields and values are kept, and written back."""

from __future__ import annotations

from ._checks import typed_settings
from ._model import NOTHING, Model, put, raw
from ._native import RawValues, check_settings
from ._settings import UnknownProvider

_new = object.__new__


class Result(Model):
    """An object that the server returned. Only one of its fields is always present."""

    __slots__ = ()
    #: The field that is always present.
    _key = "id"
    #: Fields that are objects: the attribute, class, and whether it is a list, by name on the wire.
    _nested = {}

    @classmethod
    def from_dict(cls, response: dict[str, object]) -> Result:
        """Creates an object from a dict in wire form. Raises a `ValueError` if the required field is missing."""
        self = cls._read(response)
        if self is None:
            response = None
            raise ValueError(f"{cls.__name__} requires `{cls._key}`")
        return self

    def to_dict(self, *, reveal: bool = False) -> dict[str, object]:
        """Returns a dict in wire form. Secrets and unknown fields are redacted, or with `reveal=True` **in clear**."""
        fields = {name: getattr(self, attribute) for name, (attribute, *_) in self._table.items()}
        for name, (attribute, _, is_list) in self._nested.items():
            value = getattr(self, attribute)
            if value is not None:
                fields[name] = [one.to_dict(reveal=reveal) for one in value] if is_list else value.to_dict(reveal=reveal)
        return {**{name: value for name, value in fields.items() if value is not None}, **raw(self.extra, reveal)}

    @classmethod
    def _read(cls, fields):
        """An object from any value; `None` if the value is unsuitable."""
        if type(fields) is not dict:
            return None
        key = fields.get(cls._key)
        # The id may be a number.
        if type(key) is int and cls._key == "id":
            key = str(key)
        if type(key) is not str:
            return None
        self = _new(cls)
        # Values of other types stay with the unknown fields.
        understood = cls._fields.fill(self, fields, False)
        put(self, cls._key, key)
        for name, (attribute, kind, is_list) in cls._nested.items():
            value = fields.get(name)
            if value is not None:
                value = _several(kind, value) if is_list else kind._read(value)
                understood += value is not None
            put(self, attribute, value)
        understood += self._read_more(fields)
        put(self, "extra", NOTHING if understood == len(fields) else self._not_understood(fields))
        return self

    def _read_more(self, fields):
        """Reads fields without a fixed form, and returns their number."""
        return 0

    def _known(self):
        """The attributes, by name on the wire."""
        return {name: row[0] for table in (self._table, self._nested) for name, row in table.items()}

    def _not_understood(self, fields):
        understood = {name for name, attribute in self._known().items() if getattr(self, attribute) is not None}
        return RawValues({name: value for name, value in fields.items() if name not in understood})


class IntegrationBase(Result):
    """An integration with the settings of its provider."""

    __slots__ = ()

    def __hash__(self):
        return hash((type(self), self.id))

    def to_dict(self, *, reveal: bool = False) -> dict[str, object]:
        """Returns a dict in wire form. Secrets and unknown fields are redacted, or with `reveal=True` **in clear**."""
        fields = super().to_dict(reveal=reveal)
        if self.settings is not None:
            settings = self.settings.to_dict(reveal=reveal)
            fields["settings"] = {**settings, **raw(self.extra_settings, reveal)} if self.extra_settings else settings
        return fields

    def _hidden(self, changes):
        return typed_settings(super()._hidden(changes))

    def _read_more(self, fields):
        given = fields.get("settings")
        settings, extra = (None, NOTHING) if given is None else self._typed(given)
        put(self, "settings", settings)
        put(self, "extra_settings", extra)
        return settings is not None

    def _typed(self, given):
        """The typed settings, and the unknown ones."""
        known = self._providers.get(self.provider_id)
        found = known._read(given) if known is not None and type(given) is dict else None
        return found or (UnknownProvider(provider_id=self.provider_id or "", settings=given), NOTHING)

    def _known(self):
        return {**super()._known(), "settings": "settings"}


class ProviderDescriptionBase(Result):
    """The server's description of a provider, which can check settings."""

    __slots__ = ()

    def provider(self, settings: dict[str, object] | RawValues) -> UnknownProvider:
        """Checks settings against this description, and returns them with their provider.

        Use it for the settings of a provider that this version does not know::

            described = next(p for p in client.providers.list() if p.name == "Bot")
            client.integrations.create(name="My bot", settings=described.provider({"bot_token": "123:abc"}))

        :param settings: a dict in wire form.
        :raises ValidationError: settings are missing or invalid; its `field_errors` name each of them.
        """
        settings = RawValues(settings)
        check_settings(self.to_dict(reveal=True), settings)
        return UnknownProvider(provider_id=self.id, settings=settings)


def _several(kind, values):
    """All objects of a list; `None` if one of the values is unsuitable."""
    read = tuple(map(kind._read, values)) if type(values) is list else (None,)
    return None if None in read else read
