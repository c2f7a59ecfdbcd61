"""How calls are made, and what is read of their replies."""

from ._generated import Integration
from ._log import log
from ._response import Ensured, Page, Response


class Sync:
    """Makes calls that are waited for."""

    __slots__ = ()

    def _call(self, request, options, read):
        return read(done(self._client.call(request, options)))


class SyncWithResponse:
    """Makes calls that are waited for, and returns their responses."""

    __slots__ = ()

    def _call(self, request, options, read):
        return response(read, done(self._client.call(request, options)))


class Async:
    """Makes calls that are awaited. To cancel the task stops the request, which may have been carried out by then."""

    __slots__ = ()

    async def _call(self, request, options, read):
        return read(done(await wait(self._client.start_call, request, options)))


class AsyncWithResponse:
    """Makes calls that are awaited, and returns their responses."""

    __slots__ = ()

    async def _call(self, request, options, read):
        return response(read, done(await wait(self._client.start_call, request, options)))


def done(reply):
    """The reply, once it is logged. Raises its error."""
    log(reply)
    error = reply.error
    if error is not None:
        raise error
    return reply


def nothing(reply):
    """The result of a call that has none."""
    return None


def integration(reply):
    """The integration that was returned."""
    return Integration.from_dict(_parsed(reply.body, 0)[0])


def perhaps_integration(reply):
    """The integration that was found, if one was."""
    return None if reply.body == "null" else integration(reply)


def ensured(reply):
    """The integration, and what was done for it."""
    fields = _parsed(reply.body, 0)[0]
    return Ensured(integration=Integration.from_dict(fields["integration"]), action=fields["action"])


def page(kind, reply):
    """A page, whose items are of this class."""
    fields = _parsed(reply.body, 0)[0]
    items, total = fields["items"], fields.get("total")
    return Page(items=map(kind.from_dict, items), total=total if type(total) is int and total >= 0 else None)


def response(read, reply):
    """The result of a reply, with its status, headers and trace ID."""
    return Response(value=read(reply), status=reply.status, headers=reply.headers, trace_id=reply.trace_id)


# What takes longer to import than all the rest is imported when it is first used, and then stands in its own place.


def _parsed(text, start):
    global _parsed
    from json import JSONDecoder

    # What `json.loads` comes to, without what it does for text that was not read before.
    _parsed = JSONDecoder().scan_once
    return _parsed(text, start)


def wait(start, *arguments):
    """The reply to a call, which `start` starts."""
    # A caller keeps the name that it imported, so here it is looked up anew each time.
    global _wait
    if _wait is None:
        from ._loop_queue import wait as _wait
    return _wait(start, *arguments)


_wait = None
