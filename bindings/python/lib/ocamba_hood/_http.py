"""What is known of the HTTP of a call: the headers of a response, and the record of a request."""

from _collections_abc import Mapping

from ._model import Model, fill


class Headers(Mapping):
    """Headers of a response. A name is found in any case, and listed in lower case::

        response.headers["Retry-After"] == response.headers["retry-after"]

    Several values of one header are joined with commas.
    """

    __slots__ = ("_values",)

    def __init__(self, values={}):
        self._values = {_folded(name): value for name, value in values.items()}

    def __getitem__(self, name):
        return self._values[_folded(name)]

    def __iter__(self):
        return iter(self._values)

    def __len__(self):
        return len(self._values)

    def __eq__(self, other):
        return self._values == Headers(other)._values if isinstance(other, Mapping) else NotImplemented

    def __repr__(self):
        # Values may contain anything.
        return f"<Headers: {', '.join(self)}>"


def _folded(name):
    return name.lower() if isinstance(name, str) else name


class Attempt(Model):
    """The record of one HTTP request of a call. It has no body, no header and no secret."""

    __slots__ = {
        "number": "Number of the request within its call, from 1.",
        "operation": "Operation of the API, for example `create_integration`.",
        "method": "The HTTP method.",
        "url": "The URL, without its query.",
        "path": "The path of the URL.",
        "path_template": "The path with the names of its parameters: the same for all requests of the operation.",
        "host": "The host of the URL.",
        "port": "The port of the URL.",
        "started": "When the request began, in seconds since 1970, as `time.time()`.",
        "duration": "Time until the last byte of the response, in seconds.",
        "status": "The HTTP status, if a response arrived.",
        "error": "Stable name of the kind of failure, for example `rate_limit`, if the request failed.",
        "trace_id": "Request ID to quote to the vendor's support, if the server sent one.",
    }
    __match_args__ = tuple(__slots__)

    def __init__(self, **fields):
        fill(self, fields)

    def __reduce_ex__(self, protocol):
        return _unpickled, ({name: getattr(self, name) for name in self.__match_args__},)


def _unpickled(fields):
    return Attempt(**fields)
