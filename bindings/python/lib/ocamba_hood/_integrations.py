"""`client.integrations` and `client.providers`."""

from __future__ import annotations

from ._calls import Async, Sync, WithResponse, ensured, integration, nothing, perhaps_integration
from ._generated import Integration, NewIntegration, Provider, ProviderDescription, SettingsUpdate, UpdateIntegration
from ._listing import AsyncListing, Listing
from ._model import KEEP, Keep
from ._native import Request, Secret, hide_headers
from ._public import Public
from ._response import Ensured, Response


class _Integrations(Public):
    # A traceback may show the variables of a frame, so each call keeps only its `Request`, which shows no value.

    __slots__ = ("_client",)

    def __init__(self, client):
        self._client = client

    def create(self, request: NewIntegration | dict[str, object] | None = None, /, *, name: str | None = None, settings: Provider | None = None, status: str | None = "active", allow_unknown_provider: bool = False, timeout: float | None = None, connect_timeout: float | None = None, max_retries: int | None = None, extra_headers: dict[str, str | Secret] | None = None) -> Integration:
        """Creates an integration, and returns it.

        Takes a name and a provider's settings; or a request, which is a `NewIntegration` or a dict in wire form::

            client.integrations.create(name="Example", settings=Twilio(...))
            client.integrations.create({"name": "Example", "provider_id": "1000", "settings": {...}})

        A create is **not idempotent**. It is retried only if it cannot have taken effect, and the `outcome` of each error
        says whether it did. Use `ensure` for a call that is safe to repeat.

        :param status: initial status; with `None`, the server chooses. A request has its own status.
        :param allow_unknown_provider: accept a dict whose provider this version does not know.
        :param timeout: maximum duration of this call, in seconds; defaults to the client's.
        :param connect_timeout: maximum duration of connecting, in seconds; defaults to the client's.
        :param max_retries: maximum number of retries; defaults to the client's.
        :param extra_headers: headers of this call in addition to the client's, such as `traceparent`.
        :raises HoodError: the call failed; its subclasses name the reasons.
        """
        request = _request("create", request, name, settings, status, allow_unknown_provider)
        settings = None
        extra_headers = hide_headers(extra_headers)
        return self._call(request, (timeout, connect_timeout, max_retries, None, extra_headers), integration)

    def validate(self, request: NewIntegration | dict[str, object] | None = None, /, *, name: str | None = None, settings: Provider | None = None, status: str | None = "active", allow_unknown_provider: bool = False, timeout: float | None = None, connect_timeout: float | None = None, max_retries: int | None = None, extra_headers: dict[str, str | Secret] | None = None) -> None:
        """Checks the credentials of a request with the provider, and creates nothing. Takes the arguments of `create`::

            client.integrations.validate(name="Example", settings=Twilio(...))

        :raises BadRequestError: probably, the provider refused the credentials; the API does not document this error.
        """
        request = _request("validate", request, name, settings, status, allow_unknown_provider)
        settings = None
        extra_headers = hide_headers(extra_headers)
        return self._call(request, (timeout, connect_timeout, max_retries, None, extra_headers), nothing)

    def ensure(self, request: NewIntegration | dict[str, object] | None = None, /, *, name: str | None = None, settings: Provider | None = None, status: str | None = "active", allow_unknown_provider: bool = False, reconcile_timeout: float | None = None, timeout: float | None = None, connect_timeout: float | None = None, max_retries: int | None = None, extra_headers: dict[str, str | Secret] | None = None) -> Ensured:
        """Ensures that an integration with this name and provider exists and matches the request. Returns an `Ensured`.

        Creates the integration, adopts an equal one, or updates one that differs. Takes the arguments of `create`::

            ensured = client.integrations.ensure(name="Example", settings=Twilio(...))
            print(ensured.action, ensured.integration.id)

        The call is safe to repeat: after an unknown outcome, it searches for the integration before it creates another. Calls
        for the same name and provider wait for each other. This covers the processes of this user on this machine; with a
        rate limit in Redis, it covers all machines.

        :param reconcile_timeout: duration of the search after an unknown outcome, in seconds, since the server may still be
            processing the request; defaults to 10.
        :raises DuplicateError: several integrations have this name and provider.
        :raises HoodError: as for `create`.
        """
        request = _request("ensure", request, name, settings, status, allow_unknown_provider)
        settings = None
        extra_headers = hide_headers(extra_headers)
        return self._call(request, (timeout, connect_timeout, max_retries, reconcile_timeout, extra_headers), ensured)

    def find_created(self, error: BaseException, *, reconcile_timeout: float | None = None, timeout: float | None = None, connect_timeout: float | None = None, max_retries: int | None = None, extra_headers: dict[str, str | Secret] | None = None) -> Integration | None:
        """Checks whether a create that failed with this error took effect after all. Returns its integration, or `None`::

            try:
                integration = client.integrations.create(request)
            except HoodError as error:
                if error.outcome not in ("unknown", "applied"):
                    raise
                integration = client.integrations.find_created(error)

        Searches for an integration with the same name and provider that did not exist before. Also after the error has
        travelled to another process; but on another machine, or after a restart, no clock can tell which integrations existed
        before. Times of the API have whole seconds, so an integration that was created up to two seconds before counts as new.
        Accepts the exception of a cancelled or interrupted call as well, one that it caused, and a group with one of these.

        :param reconcile_timeout: duration of the search after the create failed, in seconds, since the server may still be
            processing the request; defaults to 10.
        :raises ValidationError: the error does not belong to a create whose outcome is unknown or applied.
        :raises DuplicateError: several integrations match.
        :raises OutcomeUnknownError: nothing shows whether the matches are older; the message lists their ids.
        """
        request = Request.of("find_created", _unconfirmed_create(error) or "")
        extra_headers = hide_headers(extra_headers)
        options = (timeout, connect_timeout, max_retries, reconcile_timeout, extra_headers)
        return self._call(request, options, perhaps_integration)

    def get(self, id: str, *, timeout: float | None = None, connect_timeout: float | None = None, max_retries: int | None = None, extra_headers: dict[str, str | Secret] | None = None) -> Integration:
        """Returns the integration with this id, in full::

            integration = client.integrations.get("1165")
            print(integration.effective_status)

        :raises NotFoundError: there is no such integration.
        :raises ValidationError: the id is malformed.
        """
        extra_headers = hide_headers(extra_headers)
        return self._call(Request.by_id("get", id), (timeout, connect_timeout, max_retries, None, extra_headers), integration)

    def list(self, *, type: str | None = None, provider_id: str | None = None, q: str | None = None, q_fields: str | list[str] | None = None, sort: str | list[str] | None = None, fields: str | list[str] | None = None, view: str | None = None, page_size: int | None = None, timeout: float | None = None, connect_timeout: float | None = None, max_retries: int | None = None, extra_headers: dict[str, str | Secret] | None = None) -> Listing[Integration]:
        """Lists integrations. Iteration requests each page when it needs the first item::

            for integration in client.integrations.list(type="sms"):
                print(integration.id)

            page = client.integrations.list(page_size=20).page(1)
            print(len(page.items), "of", page.total)

        :param type: only integrations that send messages of this type, for example `"sms"`.
        :param provider_id: only integrations of this provider. The API does not document this filter, so the client applies
            it as well; `total` may count other integrations.
        :param q: only integrations with this text in one of `q_fields`; the API does not document how it compares.
        :param q_fields: fields to search, for example `"name"` or a list.
        :param sort: fields to sort by, with a minus for descending order, for example `"name,-id"` or a list; defaults to `"id"`.
        :param fields: the only fields to return, for example `"id,name"` or a list; the id is always included.
        :param view: how many fields to return if `fields` is omitted, for example `"full"`.
        :param page_size: maximum number of items per page; defaults to 100.
        :param timeout: maximum duration of the request for each page, in seconds; defaults to the client's.
        :param connect_timeout: maximum duration of connecting, in seconds; defaults to the client's.
        :param max_retries: maximum number of retries for each page; defaults to the client's.
        :param extra_headers: headers of the request for each page in addition to the client's.
        :raises ValidationError: a filter is invalid.
        """
        filters = {"type": type, "provider_id": provider_id, "q": q, "q_fields": q_fields, "sort": sort, "fields": fields}
        filters.update(view=view, page_size=page_size)
        extra_headers = hide_headers(extra_headers)
        return self._listing(self._client, "list", filters, (timeout, connect_timeout, max_retries, None, extra_headers), Integration)

    def update(self, id: str, update: UpdateIntegration | dict[str, object] | None = None, /, *, name: str | Keep = KEEP, status: str | Keep = KEEP, settings: SettingsUpdate | Keep = KEEP, allow_unknown_provider: bool = False, timeout: float | None = None, connect_timeout: float | None = None, max_retries: int | None = None, extra_headers: dict[str, str | Secret] | None = None) -> None:
        """Changes the given fields of the integration with this id. Omitted fields keep their values.

        Takes the changed fields; or an update, which is an `UpdateIntegration` or a dict in wire form. The `provider_id` of a
        dict is not sent; it selects the checks for the settings::

            client.integrations.update("1165", name="Another", settings=TwilioUpdate(auth_token="464..."))
            client.integrations.update("1165", {"provider_id": "1000", "settings": {"auth_token": "464..."}})

        A setting that is `None` is sent as `null`; the API does not document the effect. Like a create, an update is not sent
        again after an unknown outcome, because others may have changed the integration in the meantime.

        :param settings: changed settings of the integration's own provider; the server drops all others.
        :param allow_unknown_provider: accept a dict whose provider this version does not know.
        :raises ValidationError: the update is empty or invalid.
        :raises NotFoundError: there is no such integration.
        """
        parts = {"name": name, "status": status, "settings": settings}
        parts = {name: part for name, part in parts.items() if part is not KEEP}
        request = Request("update", id, update, parts, allow_unknown_provider)
        update = settings = parts = None
        extra_headers = hide_headers(extra_headers)
        return self._call(request, (timeout, connect_timeout, max_retries, None, extra_headers), nothing)

    def send_test(self, id_or_request: str | NewIntegration | dict[str, object], /, *, allow_unknown_provider: bool = False, timeout: float | None = None, connect_timeout: float | None = None, max_retries: int | None = None, extra_headers: dict[str, str | Secret] | None = None) -> None:
        """Sends a test message through the integration with this id, or through one that does not exist yet::

            client.integrations.send_test("1165")
            client.integrations.send_test(NewIntegration(name="Example", settings=Twilio(...)))

        The API documents the request only in part: the client sends `{"integration": {"id": ...}}`, or the given request.
        """
        if isinstance(id_or_request, str):
            request = Request.by_id("send_test", id_or_request)
        else:
            request = {} if id_or_request is None else id_or_request
            request = Request("send_test", None, request, {}, allow_unknown_provider)
        id_or_request = None
        extra_headers = hide_headers(extra_headers)
        return self._call(request, (timeout, connect_timeout, max_retries, None, extra_headers), nothing)


class _WithView(_Integrations):
    __slots__ = ()

    @property
    def with_response(self):
        """The same calls, returning a `Response`: the result with the status, headers and trace ID::

            response = client.integrations.with_response.get("1165")
            print(response.status, response.value.name)
        """
        return self._view(self._client)


class IntegrationsWithResponse(WithResponse, _Integrations, Sync):
    """The integrations of an account; each call returns a `Response`. From `Integrations.with_response`."""

    __slots__ = ()
    _listing, _returned = Listing, "Response[{}]"


class Integrations(_WithView, Sync):
    """The integrations of an account. From `Client.integrations`."""

    __slots__ = ()
    _listing, _view = Listing, IntegrationsWithResponse


class AsyncIntegrationsWithResponse(WithResponse, _Integrations, Async):
    """The integrations of an account; each awaited call returns a `Response`. From `AsyncIntegrations.with_response`."""

    __slots__ = ()
    _listing, _returned, _not_awaited = AsyncListing, "Response[{}]", ("list",)


class AsyncIntegrations(_WithView, Async):
    """The integrations of an account; calls are awaited. From `AsyncClient.integrations`.

    Cancelling a task stops its request, which may have taken effect by then.
    """

    __slots__ = ()
    _listing, _view, _not_awaited = AsyncListing, AsyncIntegrationsWithResponse, ("list",)


class _Providers(Public):
    __slots__ = ("_client",)

    def __init__(self, client):
        self._client = client

    def list(self, *, page_size: int | None = None, timeout: float | None = None, connect_timeout: float | None = None, max_retries: int | None = None, extra_headers: dict[str, str | Secret] | None = None) -> Listing[ProviderDescription]:
        """Lists all providers. Iteration requests each page when it needs the first item::

            for provider in client.providers.list():
                print(provider.id, provider.name)

        :param page_size: maximum number of items per page; defaults to 100.
        :param timeout: maximum duration of the request for each page, in seconds; defaults to the client's.
        :param connect_timeout: maximum duration of connecting, in seconds; defaults to the client's.
        :param max_retries: maximum number of retries for each page; defaults to the client's.
        :param extra_headers: headers of the request for each page in addition to the client's.
        :raises ValidationError: the page size is invalid.
        """
        extra_headers = hide_headers(extra_headers)
        options = (timeout, connect_timeout, max_retries, None, extra_headers)
        return self._listing(self._client, "list_providers", {"page_size": page_size}, options, ProviderDescription)


class Providers(_Providers):
    """The server's descriptions of the providers, as `ProviderDescription`s. From `Client.providers`."""

    __slots__ = ()
    _listing = Listing


class AsyncProviders(_Providers):
    """The server's descriptions of the providers, as `ProviderDescription`s. From `AsyncClient.providers`."""

    __slots__ = ()
    _listing = AsyncListing


def _unconfirmed_create(error):
    """The create that an error is about, or one that caused it: a timeout of asyncio has the cancellation as its cause."""
    while error is not None and not hasattr(error, "_unconfirmed_create"):
        # A group, as of a `TaskGroup`.
        if isinstance(getattr(error, "exceptions", None), tuple):
            creates = map(_unconfirmed_create, error.exceptions)
            # Several errors may be about one create, such as its own and one that it caused.
            found = list({id(create): create for create in creates if create is not None}.values())
            if len(found) > 1:
                raise ValueError(f"the error is a group with {len(found)} creates whose outcome is unknown; give one of its `exceptions`")
            if found:
                return found[0]
        cause, context = getattr(error, "__cause__", None), getattr(error, "__context__", None)
        error = cause if cause is not None or getattr(error, "__suppress_context__", True) else context
    return getattr(error, "_unconfirmed_create", None)


def _request(operation, request, name, settings, status, allow_unknown_provider):
    # Next to a whole request, the default is not an argument.
    if request is not None and type(status) is str and status == "active":
        status = None
    parts = {"name": name, "settings": settings, "status": status}
    parts = {name: part for name, part in parts.items() if part is not None}
    return Request(operation, None, request, parts, allow_unknown_provider)
