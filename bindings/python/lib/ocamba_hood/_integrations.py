"""`client.integrations`."""

from ._generated import Integration
from ._log import log
from ._native import Request
from ._response import Response


class Integrations:
    """The integrations of an account. From `Client.integrations`."""

    __slots__ = ("_client",)

    def __init__(self, client):
        self._client = client

    def create(
        self, request=None, /, *, name=None, settings=None, status="active", timeout=None, allow_unknown_provider=False
    ):
        """Creates an integration, and returns it.

        Give a name and a provider's settings, or a request: a `NewIntegration`, or a dict in the wire form::

            client.integrations.create(name="Example", settings=Twilio(...))
            client.integrations.create({"name": "Example", "provider_id": "1000", "settings": {...}})

        **Not idempotent**: it is never sent twice, and the `outcome` of an error says what became of it.

        :param status: whether it is in use; `None` leaves it to the server. A request has its own.
        :param timeout: how many seconds this call may take, in place of the client's timeout.
        :param allow_unknown_provider: take a dict's provider also if this version does not know it.
        :raises HoodError: see its subclasses.
        """
        # Only the `Request` stays, which shows nothing: a traceback may show the variables of a frame.
        request = Request(request, name, settings, status, allow_unknown_provider)
        settings = None
        return _integration(_done(self._client.create(request, timeout)))

    def create_with_response(
        self, request=None, /, *, name=None, settings=None, status="active", timeout=None, allow_unknown_provider=False
    ):
        """As `create`, and returns the status, headers and trace id as well: a `Response`."""
        request = Request(request, name, settings, status, allow_unknown_provider)
        settings = None
        return _response(_done(self._client.create(request, timeout)))


class AsyncIntegrations:
    """The integrations of an account. From `AsyncClient.integrations`."""

    __slots__ = ("_client",)

    def __init__(self, client):
        self._client = client

    async def create(
        self, request=None, /, *, name=None, settings=None, status="active", timeout=None, allow_unknown_provider=False
    ):
        """As `Integrations.create`. To cancel the task stops the request, which may have been carried out by then."""
        request = Request(request, name, settings, status, allow_unknown_provider)
        settings = None
        return _integration(_done(await self._wait(request, timeout)))

    async def create_with_response(
        self, request=None, /, *, name=None, settings=None, status="active", timeout=None, allow_unknown_provider=False
    ):
        """As `create`, and returns the status, headers and trace id as well: a `Response`."""
        request = Request(request, name, settings, status, allow_unknown_provider)
        settings = None
        return _response(_done(await self._wait(request, timeout)))

    def _wait(self, request, timeout):
        # It imports asyncio, which takes longer than all the rest.
        from ._port import wait

        return wait(lambda port: self._client.start_create(request, timeout, port))


def _done(reply):
    """The reply, once it is logged. Raises its error."""
    log(reply)
    error = reply.error
    if error is not None:
        raise error
    return reply


def _integration(reply):
    from json import loads

    return Integration.from_dict(loads(reply.body))


def _response(reply):
    return Response(
        value=_integration(reply), status=reply.status, headers=reply.headers, trace_id=reply.trace_id
    )
