"""Requests: creates and updates."""

from __future__ import annotations

from ._checks import hidden, require_dict, typed_settings
from ._model import KEEP, Model
from ._settings import UnknownProvider

_OPEN = {"name", "provider_id", "status"}


class NewIntegrationBase(Model):
    """A create: a name, and the settings of a provider."""

    __slots__ = ()

    @classmethod
    def from_dict(cls, request: dict[str, object]) -> NewIntegrationBase:
        """Creates a request from a dict in wire form. Also accepts providers that this version does not know."""
        # From here on, no traceback can show a secret.
        request = hidden(request, _OPEN)
        require_dict(request)
        settings = _settings(request.pop("settings", None), request.pop("provider_id", None), cls._providers)
        return cls(settings=settings, **{"status": None, **request})

    def to_dict(self, *, reveal: bool = False) -> dict[str, object]:
        """Returns a dict in wire form. Secrets are redacted, or with `reveal=True` **in clear**."""
        return {**self._wire(), "settings": self.settings.to_dict(reveal=reveal)}

    def _hidden(self, changes):
        return typed_settings(super()._hidden(changes))

    def _wire(self):
        """The request in wire form, with hidden secrets."""
        wire = {"name": self.name, "provider_id": self.settings.provider_id, "settings": self.settings}
        if self.status is not None:
            wire["status"] = self.status
        return wire


class UpdateIntegrationBase(Model):
    """An update: the changed fields of an integration."""

    __slots__ = ()
    _left_out = KEEP

    @classmethod
    def from_dict(cls, update: dict[str, object]) -> UpdateIntegrationBase:
        """Creates an update from a dict in wire form. Also accepts providers that this version does not know."""
        # From here on, no traceback can show a secret.
        update = hidden(update, _OPEN)
        require_dict(update)
        id = update.pop("provider_id", None)
        if "settings" in update:
            update["settings"] = _settings(update["settings"], id, cls._providers)
        return cls(**update)

    def to_dict(self, *, reveal: bool = False) -> dict[str, object]:
        """Returns a dict in wire form. Secrets are redacted, or with `reveal=True` **in clear**."""
        wire = self._wire()
        return wire if self.settings is KEEP else {**wire, "settings": self.settings.to_dict(reveal=reveal)}

    def _hidden(self, changes):
        return typed_settings(super()._hidden(changes))

    def _wire(self):
        """The update in wire form, with hidden secrets. The provider ID selects the checks for the settings, and is not sent."""
        values = ((name, getattr(self, name)) for name in self.__match_args__)
        wire = {name: value for name, value in values if value is not KEEP}
        if self.settings is not KEEP:
            wire["provider_id"] = self.settings.provider_id
        return wire


def _settings(settings, id, providers):
    """Returns typed settings. The given ones may be typed, or a hidden dict."""
    if isinstance(settings, Model):
        if id is not None and id != settings.provider_id:
            raise TypeError(f"settings is {type(settings).__name__}, whose provider_id is {settings.provider_id}, not the given one")
        return settings
    if isinstance(settings, type):
        raise TypeError(f"settings must be a dict, not {settings.__name__}")
    known = providers.get(id) if isinstance(id, str) else None
    return UnknownProvider(provider_id=id, settings=settings) if known is None else known.from_dict(settings)
