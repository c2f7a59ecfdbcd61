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
        self,
        request=None,
        /,
        *,
        name=None,
        settings=None,
        status="active",
        timeout=None,
        connect_timeout=None,
        max_retries=None,
        allow_unknown_provider=False,
    ):
        """Creates an integration, and returns it.

        Give a name and a provider's settings, or a request: a `NewIntegration`, or a dict in the wire form::

            client.integrations.create(name="Example", settings=Twilio(...))
            client.integrations.create({"name": "Example", "provider_id": "1000", "settings": {...}})

        **Not idempotent**: it is only sent again where it cannot have been carried out, and the `outcome` of an error says what became of it.

        :param status: whether it is in use; `None` leaves it to the server. A request has its own.
        :param timeout: how many seconds this call may take, in place of the client's; so too `connect_timeout`.
        :param max_retries: how often this call may be sent again, in place of the client's.
        :param allow_unknown_provider: take a dict's provider also if this version does not know it.
        :raises HoodError: see its subclasses.
        """
        # Only the `Request` stays, which shows nothing: a traceback may show the variables of a frame.
        request = Request(request, name, settings, status, allow_unknown_provider)
        settings = None
        return _integration(_done(self._client.create(request, (timeout, connect_timeout, max_retries))))

    def create_with_response(
        self,
        request=None,
        /,
        *,
        name=None,
        settings=None,
        status="active",
        timeout=None,
        connect_timeout=None,
        max_retries=None,
        allow_unknown_provider=False,
    ):
        """As `create`, and returns the status, headers and trace id as well: a `Response`."""
        request = Request(request, name, settings, status, allow_unknown_provider)
        settings = None
        return _response(_done(self._client.create(request, (timeout, connect_timeout, max_retries))))


class AsyncIntegrations:
    """The integrations of an account. From `AsyncClient.integrations`."""

    __slots__ = ("_client",)

    def __init__(self, client):
        self._client = client

    async def create(
        self,
        request=None,
        /,
        *,
        name=None,
        settings=None,
        status="active",
        timeout=None,
        connect_timeout=None,
        max_retries=None,
        allow_unknown_provider=False,
    ):
        """As `Integrations.create`. To cancel the task stops the request, which may have been carried out by then."""
        request = Request(request, name, settings, status, allow_unknown_provider)
        settings = None
        return _integration(_done(await _wait(self._client.start_create, request, (timeout, connect_timeout, max_retries))))

    async def create_with_response(
        self,
        request=None,
        /,
        *,
        name=None,
        settings=None,
        status="active",
        timeout=None,
        connect_timeout=None,
        max_retries=None,
        allow_unknown_provider=False,
    ):
        """As `create`, and returns the status, headers and trace id as well: a `Response`."""
        request = Request(request, name, settings, status, allow_unknown_provider)
        settings = None
        return _response(_done(await _wait(self._client.start_create, request, (timeout, connect_timeout, max_retries))))


def _done(reply):
    """The reply, once it is logged. Raises its error."""
    log(reply)
    error = reply.error
    if error is not None:
        raise error
    return reply


def _integration(reply):
    return Integration.from_dict(_parsed(reply.body, 0)[0])


def _response(reply):
    return Response(
        value=_integration(reply), status=reply.status, headers=reply.headers, trace_id=reply.trace_id
    )


# What takes longer to import than all the rest is imported when it is first used, and then stands in its own place.


def _parsed(text, start):
    global _parsed
    from json import JSONDecoder

    # What `json.loads` comes to, without what it does for text that was not read before.
    _parsed = JSONDecoder().scan_once
    return _parsed(text, start)


def _wait(start, *arguments):
    global _wait
    from ._port import wait as _wait

    return _wait(start, *arguments)
