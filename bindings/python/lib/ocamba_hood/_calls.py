"""Sends calls to the core, and reads its replies."""

from sys import modules

from ._generated import Integration
from ._native import show_warnings
from ._observe import Observation
from ._response import Ensured, Page, RateLimitStatus, Response


class Sync:
    """Calls that block until their response arrives."""

    __slots__ = ()

    def _call(self, request, options, read):
        with Observation(self._client, request) as observation:
            reply = self._client.native.call(request, options, observation.headers)
            return self._result(read, done(reply, observation))

    @staticmethod
    def _result(read, reply):
        return read(reply)


class Async(Sync):
    """Calls that are awaited."""

    __slots__ = ()

    async def _call(self, request, options, read):
        with Observation(self._client, request) as observation:
            reply = await wait(self._client.native.start_call, request, options, observation.headers)
            return self._result(read, done(reply, observation))


class WithResponse:
    """Calls that return a `Response`. Goes before `Sync` and `Async`."""

    __slots__ = ()

    @staticmethod
    def _result(read, reply):
        return Response(value=read(reply), status=reply.status, headers=reply.headers, trace_id=reply.trace_id)


class SharedClient:
    """What the calls of a client share: the core's client, and the user's function for each HTTP request."""

    __slots__ = ("native", "on_request")

    def __init__(self, native, on_request):
        self.native, self.on_request = native, on_request


def done(reply, observation):
    """Notes a reply and returns it, and shows warnings. Raises its error."""
    observation.note(reply)
    show_warnings()
    error = reply.error
    if error is not None:
        raise error
    return reply


def nothing(reply):
    """The result of a call without one."""
    return None


def integration(reply):
    """The returned integration."""
    return Integration.from_dict(_parsed(reply.body, 0)[0])


def perhaps_integration(reply):
    """The integration that was found, or `None`."""
    return None if reply.body == "null" else integration(reply)


def ensured(reply):
    """The integration, and the action that was taken."""
    fields = _parsed(reply.body, 0)[0]
    return Ensured(integration=Integration.from_dict(fields["integration"]), action=fields["action"])


def rate_limit_status(text):
    """The state of the rate limit."""
    show_warnings()
    return RateLimitStatus(**_parsed(text, 0)[0])


def page(kind, reply):
    """A page of objects of this class."""
    fields = _parsed(reply.body, 0)[0]
    items, total = fields["items"], fields.get("total")
    return Page(items=map(kind.from_dict, items), total=total if type(total) is int and total >= 0 else None)


class _Scanning:
    """How the scanner of `json` reads."""

    strict = True
    parse_float, parse_int = float, int
    object_hook = object_pairs_hook = array_hook = parse_constant = None


# These import what takes longer than the rest of the package, so they do it in their first call, and then replace themselves.


def _parsed(text, start):
    global _parsed
    # The core of `json.loads`, without its checks, which the text has passed, and without the 6 ms of its import.
    try:
        from _json import make_scanner

        _parsed = make_scanner(_Scanning)
    except (ImportError, AttributeError):
        from json import JSONDecoder

        _parsed = JSONDecoder().scan_once
    return _parsed(text, start)


def wait(start, *arguments):
    """The reply to a call, which `start` starts."""
    if in_trio():
        from ._trio_queue import wait

        return wait(start, *arguments)
    # Other modules have imported this function, so it cannot be replaced like the one above.
    global _wait
    if _wait is None:
        from ._loop_queue import wait as _wait
    return _wait(start, *arguments)


_wait = None


def in_thread(function):
    """The awaited result of a function that blocks."""
    if in_trio():
        return modules["trio"].to_thread.run_sync(function)
    from asyncio import to_thread

    return to_thread(function)


def in_trio():
    """Whether a task of trio runs."""
    # Without an import of trio, the program cannot run it.
    trio = modules.get("trio")
    return trio is not None and trio.lowlevel.in_trio_task()
