"""`client.integrations`."""

from ._calls import (
    Async,
    AsyncWithResponse,
    Sync,
    SyncWithResponse,
    ensured,
    integration,
    nothing,
    perhaps_integration,
)
from ._generated import Integration
from ._listing import AsyncListing, Listing
from ._model import KEEP
from ._native import Request



class _Integrations:
    """What all four have in common."""

    # Only a `Request` stays, which shows nothing: a traceback may show the variables of a frame.

    __slots__ = ("_client",)

    def __init__(self, client):
        self._client = client

    def create(self, request=None, /, *, name=None, settings=None, status="active", allow_unknown_provider=False, timeout=None, connect_timeout=None, max_retries=None):
        """Creates an integration, and returns it.

        Give a name and a provider's settings, or a request: a `NewIntegration`, or a dict in the wire form::

            client.integrations.create(name="Example", settings=Twilio(...))
            client.integrations.create({"name": "Example", "provider_id": "1000", "settings": {...}})

        **Not idempotent**: it is only sent again where it cannot have been carried out, and the `outcome` of an error says what became of it. `ensure` is the call that may be made twice.

        :param status: whether it is in use; `None` leaves it to the server. A request has its own.
        :param allow_unknown_provider: take a dict's provider also if this version does not know it.
        :param timeout: how many seconds this call may take, in place of the client's; so too `connect_timeout`.
        :param max_retries: how often this call may be sent again, in place of the client's.
        :raises HoodError: see its subclasses.
        """
        request = Request("create", request, name, settings, status, allow_unknown_provider)
        settings = None
        return self._call(request, (timeout, connect_timeout, max_retries, None), integration)

    def validate(self, request=None, /, *, name=None, settings=None, status="active", allow_unknown_provider=False, timeout=None, connect_timeout=None, max_retries=None):
        """Checks a request's credentials with the provider, and creates nothing. Takes what `create` takes::

            client.integrations.validate(name="Example", settings=Twilio(...))

        :raises BadRequestError: expected where the provider refuses; which error it is, is not documented.
        """
        request = Request("validate", request, name, settings, status, allow_unknown_provider)
        settings = None
        return self._call(request, (timeout, connect_timeout, max_retries, None), nothing)

    def ensure(self, request=None, /, *, name=None, settings=None, status="active", allow_unknown_provider=False, reconcile_timeout=None, timeout=None, connect_timeout=None, max_retries=None):
        """Has an integration be as it is asked for, and returns it and what was done for it: an `Ensured`.

        Creates it, or adopts the one that is there under this name and provider, or updates what differs of it. Takes what
        `create` takes::

            ensured = client.integrations.ensure(name="Example", settings=Twilio(...))
            print(ensured.action, ensured.integration.id)

        It can be called again, whatever became of the last time: after an unknown outcome it looks before it creates again.
        Calls for one name and provider wait for each other, those of this user on this machine, and where the rate limit is in
        Redis, of all machines.

        :param reconcile_timeout: how many seconds after an unknown outcome it is looked for before it is created again, since the
            server may still be at it; else 10.
        :raises DuplicateError: several have this name and provider already.
        :raises HoodError: those of a create.
        """
        request = Request("ensure", request, name, settings, status, allow_unknown_provider)
        settings = None
        return self._call(request, (timeout, connect_timeout, max_retries, reconcile_timeout), ensured)

    def find_created(self, error, *, reconcile_timeout=None, timeout=None, connect_timeout=None, max_retries=None):
        """Looks whether a create came to be that ended with this error, and returns it, or `None`::

            try:
                integration = client.integrations.create(request)
            except HoodError as error:
                if error.outcome not in ("unknown", "applied"):
                    raise
                integration = client.integrations.find_created(error)

        Found is what has its name and provider, and was not there before.

        :param reconcile_timeout: how many seconds after the create failed it is looked for, since the server may still be at it;
            else 10.
        :raises ValidationError: the error is not of a create whose outcome is unknown or applied.
        :raises DuplicateError: several could be it.
        """
        request = Request.of("find_created", getattr(error, "_unconfirmed_create", None) or "")
        return self._call(request, (timeout, connect_timeout, max_retries, reconcile_timeout), perhaps_integration)

    def get(self, id, *, timeout=None, connect_timeout=None, max_retries=None):
        """The integration with this id, in full::

            integration = client.integrations.get("1165")
            print(integration.effective_status)

        :raises NotFoundError: there is none.
        :raises ValidationError: no id looks like this.
        """
        return self._call(Request.by_id("get", id), (timeout, connect_timeout, max_retries, None), integration)

    def list(self, *, type=None, provider_id=None, q=None, q_fields=None, sort=None, fields=None, view=None, page_size=None, timeout=None, connect_timeout=None, max_retries=None):
        """All integrations, page by page as they are needed; nothing is asked for before the first is::

            for integration in client.integrations.list(type="sms"):
                print(integration.id)

            page = client.integrations.list(page_size=20).page(1)
            print(len(page.items), "of", page.total)

        :param type: only those that send this, as `"sms"`.
        :param provider_id: only those of this provider. The server is not documented to know this filter: here it holds
            all the same, but `total` may count others.
        :param q: only those with this text in one of `q_fields`; how the server compares is not documented.
        :param q_fields: the fields to search, as `"name"` or a list.
        :param sort: the fields to sort by, a minus for the reverse, as `"name,-id"` or a list; else `"id"`.
        :param fields: the only fields that the items have, as `"id,name"` or a list; the id is always among them.
        :param view: how much of each item is told, where no fields are named, as `"full"`.
        :param page_size: how many items a page has, and the server may give fewer; else 100.
        :param timeout: how many seconds each page may take, in place of the client's; so too `connect_timeout`.
        :param max_retries: how often each page may be asked for again, in place of the client's.
        :raises ValidationError: a filter that cannot be.
        """
        filters = {"type": type, "provider_id": provider_id, "q": q, "q_fields": q_fields, "sort": sort, "fields": fields}
        filters.update(view=view, page_size=page_size)
        return self._listing(self._client, "list", filters, (timeout, connect_timeout, max_retries, None), Integration)

    def update(self, id, update=None, /, *, name=KEEP, status=KEEP, settings=KEEP, allow_unknown_provider=False, timeout=None, connect_timeout=None, max_retries=None):
        """Changes what is given of the integration with this id, and leaves the rest as it is.

        Give what changes, or an update: an `UpdateIntegration`, or a dict in the wire form, whose `provider_id` is not sent:
        its settings are checked by it::

            client.integrations.update("1165", name="Another", settings=TwilioUpdate(auth_token="464..."))
            client.integrations.update("1165", {"provider_id": "1000", "settings": {"auth_token": "464..."}})

        A setting that is `None` is sent as `null`; what the server makes of that is not documented. Sent once, as a create
        is: between two the integration may have been changed by others.

        :param settings: they must be those of the integration's provider: the server drops what is not.
        :param allow_unknown_provider: take a dict's provider also if this version does not know it.
        :raises ValidationError: it changes nothing, or something cannot be.
        :raises NotFoundError: there is no such integration.
        """
        request = Request.update(id, update, _given(name=name, status=status, settings=settings), allow_unknown_provider)
        update = settings = None
        return self._call(request, (timeout, connect_timeout, max_retries, None), nothing)

    def send_test(self, id_or_request, /, *, allow_unknown_provider=False, timeout=None, connect_timeout=None, max_retries=None):
        """Sends a test message through the integration with this id, or one that is not created yet::

            client.integrations.send_test("1165")
            client.integrations.send_test(NewIntegration(name="Example", settings=Twilio(...)))

        What the server wants for it is not fully documented: it is sent `{"integration": {"id": ...}}`, or the request.
        """
        request = _test(id_or_request, allow_unknown_provider)
        id_or_request = None
        return self._call(request, (timeout, connect_timeout, max_retries, None), nothing)


class Integrations(_Integrations, Sync):
    """The integrations of an account. From `Client.integrations`."""

    __slots__ = ()
    _listing = Listing

    @property
    def with_response(self):
        """The same calls, each of which returns a `Response`: its result with the status, headers and trace ID::

            response = client.integrations.with_response.get("1165")
            print(response.status, response.value.name)
        """
        return IntegrationsWithResponse(self._client)


class IntegrationsWithResponse(_Integrations, SyncWithResponse):
    """The integrations of an account; calls return a `Response`. From `Integrations.with_response`."""

    __slots__ = ()
    _listing = Listing


class AsyncIntegrations(_Integrations, Async):
    """The integrations of an account, whose calls are awaited. From `AsyncClient.integrations`.

    Cancelling a task stops its request, which may have taken effect by then.
    """

    __slots__ = ()
    _listing = AsyncListing

    @property
    def with_response(self):
        """The same calls, each of which returns a `Response`: its result with the status, headers and trace ID::

            response = await client.integrations.with_response.get("1165")
            print(response.status, response.value.name)
        """
        return AsyncIntegrationsWithResponse(self._client)


class AsyncIntegrationsWithResponse(_Integrations, AsyncWithResponse):
    """The integrations of an account; awaited calls return a `Response`. From `AsyncIntegrations.with_response`."""

    __slots__ = ()
    _listing = AsyncListing


def _given(**changes):
    return {name: value for name, value in changes.items() if value is not KEEP}


def _test(id_or_request, allow_unknown_provider):
    if isinstance(id_or_request, str):
        return Request.by_id("send_test", id_or_request)
    request = {} if id_or_request is None else id_or_request
    return Request("send_test", request, None, None, None, allow_unknown_provider)
