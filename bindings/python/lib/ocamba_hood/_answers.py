"""What the server returns, read tolerantly: what is not understood is kept, and written back."""

from ._model import NOTHING, Model, put
from ._native import RawValues, check_settings
from ._settings import UnknownProvider

_new = object.__new__


class Answer(Model):
    """What the server returned. Only one of its fields is sure to be there."""

    __slots__ = ()
    #: The field that is sure to be there.
    _key = "id"
    #: What has fields of its own: by the name on the wire the attribute, the class, and whether there are several.
    _nested = {}

    @classmethod
    def from_dict(cls, answer):
        """One from a dict in the wire form. Raises `ValueError` if it lacks the field that it needs."""
        self = cls._read(answer)
        if self is None:
            answer = None
            raise ValueError(f"{cls.__name__} needs its `{cls._key}`")
        return self

    def to_dict(self):
        """A dict in the wire form, **secrets in clear**, with all that this version does not know."""
        fields = {name: getattr(self, attribute) for name, (attribute, *_) in self._table.items()}
        for name, (attribute, _, is_list) in self._nested.items():
            value = getattr(self, attribute)
            if value is not None:
                fields[name] = [one.to_dict() for one in value] if is_list else value.to_dict()
        return {**{name: value for name, value in fields.items() if value is not None}, **self.extra.expose()}

    @classmethod
    def _read(cls, fields):
        """One from what may be anything; `None` where it is none."""
        if type(fields) is not dict:
            return None
        key = fields.get(cls._key)
        # An id may come as a number.
        if type(key) is int and cls._key == "id":
            key = str(key)
        if type(key) is not str:
            return None
        self = _new(cls)
        # A value of another type than promised stays with what is not known.
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
        """Reads what is of no fixed form, and returns how many fields that were."""
        return 0

    def _known(self):
        """By the names on the wire, the attributes."""
        return {name: row[0] for table in (self._table, self._nested) for name, row in table.items()}

    def _not_understood(self, fields):
        understood = {name for name, attribute in self._known().items() if getattr(self, attribute) is not None}
        return RawValues({name: value for name, value in fields.items() if name not in understood})


class IntegrationBase(Answer):
    """An integration, whose settings are those of its provider."""

    __slots__ = ()

    def __hash__(self):
        return hash((type(self), self.id))

    def to_dict(self):
        """A dict in the wire form, **secrets in clear**, with all that this version does not know."""
        fields = super().to_dict()
        if self.settings is not None:
            settings = self.settings.to_dict()
            fields["settings"] = {**settings, **self.extra_settings.expose()} if self.extra_settings else settings
        return fields

    def _read_more(self, fields):
        raw = fields.get("settings")
        settings, extra = (None, NOTHING) if raw is None else self._typed(raw)
        put(self, "settings", settings)
        put(self, "extra_settings", extra)
        return settings is not None

    def _typed(self, raw):
        """The settings, typed as far as they are known, and the rest of them."""
        known = self._providers.get(self.provider_id)
        found = known._read(raw) if known is not None and type(raw) is dict else None
        return found or (UnknownProvider(provider_id=self.provider_id or "", settings=raw), NOTHING)

    def _known(self):
        return {**super()._known(), "settings": "settings"}


class ProviderDescriptionBase(Answer):
    """A provider in the server's own words, by which settings can be checked."""

    __slots__ = ()

    def provider(self, settings):
        """The provider with these settings, checked against this description.

        So settings of a provider that this version does not know can be checked before they are sent::

            described = next(p for p in client.providers.list() if p.name == "Bot")
            client.integrations.create(name="My bot", settings=described.provider({"bot_token": "123:abc"}))

        :param settings: a dict in the wire form.
        :raises ValidationError: what is required is not there, or something is not as described; names each setting.
        """
        settings = RawValues(settings)
        check_settings(self.to_dict(), settings)
        return UnknownProvider(provider_id=self.id, settings=settings)


def _several(kind, values):
    """All of them; `None` where one is not what it should be."""
    read = tuple(map(kind._read, values)) if type(values) is list else (None,)
    return None if None in read else read
