"""What is sent: a create, and an update."""

from ._hidden import hidden, require_dict
from ._model import KEEP, Model
from ._settings import UnknownProvider

_OPEN = {"name", "provider_id", "status"}


class NewIntegrationBase(Model):
    """A create: a name, and a provider's settings."""

    __slots__ = ()

    @classmethod
    def from_dict(cls, request):
        """A create from a dict in the wire form, also of a provider that this version does not know."""
        # From here on nothing that a traceback could show is a secret in clear.
        request = hidden(request, _OPEN)
        require_dict(request)
        settings = _settings(request.pop("settings", None), request.pop("provider_id", None), cls._providers)
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


class UpdateIntegrationBase(Model):
    """An update: what changes of an integration."""

    __slots__ = ()
    _left_out = KEEP

    @classmethod
    def from_dict(cls, update):
        """An update from a dict in the wire form, also of a provider that this version does not know."""
        # From here on nothing that a traceback could show is a secret in clear.
        update = hidden(update, _OPEN)
        require_dict(update)
        id = update.pop("provider_id", None)
        if "settings" in update:
            update["settings"] = _settings(update["settings"], id, cls._providers)
        return cls(**update)

    def to_dict(self):
        """A dict in the wire form, **secrets in clear**."""
        wire = self._wire()
        return wire if self.settings is KEEP else {**wire, "settings": self.settings.to_dict()}

    def _wire(self):
        """As it goes over the wire, with secrets still hidden. The provider's id is not sent: the settings are checked by it."""
        values = ((name, getattr(self, name)) for name in self.__match_args__)
        wire = {name: value for name, value in values if value is not KEEP}
        if self.settings is not KEEP:
            wire["provider_id"] = self.settings.provider_id
        return wire


def _settings(settings, id, providers):
    """Typed settings, of what may be typed already, or is hidden."""
    if isinstance(settings, Model):
        if id is not None and id != settings.provider_id:
            raise TypeError(f"settings is {type(settings).__name__}, whose provider_id is {settings.provider_id}, not the one given")
        return settings
    known = providers.get(id) if isinstance(id, str) else None
    return UnknownProvider(provider_id=id, settings=settings) if known is None else known.from_dict(settings)
