"""Gives public classes methods of their own: an inherited one names its private class in errors, signatures and help."""

from sys import modules, version_info

#: The methods to mark as coroutine functions.
_awaited = []


class Public:
    """The base of private classes with public subclasses."""

    __slots__ = ()
    #: The type of a result, where it differs from that of the private class.
    _returned = "{}"
    #: The methods that are not awaited, of a class whose others are.
    _not_awaited = None

    def __init_subclass__(cls):
        super().__init_subclass__()
        if cls.__name__.startswith("_"):
            return
        for base in cls.__mro__:
            if base.__name__.startswith("_"):
                for name, method in vars(base).items():
                    if type(method) is _FUNCTION and name not in vars(cls):
                        setattr(cls, name, _own(cls, method))
        if "asyncio" in modules:
            mark_awaited()


def mark_awaited():
    """Marks the awaited methods as coroutine functions, for libraries that ask, such as FastAPI and mocks. They are plain ones,
    because they read their arguments when they are called. Before Python 3.12, only `asyncio.iscoroutinefunction` knows the mark.

    The package does not import what this needs, so it marks them when asyncio is there already, or with the first client or fleet."""
    if version_info >= (3, 12):
        from inspect import markcoroutinefunction as mark
    else:
        from asyncio import coroutines

        def mark(method):
            method._is_coroutine = coroutines._is_coroutine

    for method in _awaited:
        mark(method)


def _own(cls, method):
    """A copy of a method that names this class, and what it returns there."""
    copy = _FUNCTION(method.__code__, method.__globals__, method.__name__, method.__defaults__, method.__closure__)
    copy.__kwdefaults__, copy.__doc__ = method.__kwdefaults__, method.__doc__
    copy.__qualname__ = f"{cls.__name__}.{method.__name__}"
    copy.__annotations__ = annotations = {**method.__annotations__}
    returned = annotations.get("return", "None")
    if returned.startswith("Listing"):
        annotations["return"] = returned.replace("Listing", cls._listing.__name__)
    elif not method.__name__.startswith("_"):
        annotations["return"] = cls._returned.format(returned)
    is_awaited = cls._not_awaited is not None and not method.__name__.startswith("_") and method.__name__ not in cls._not_awaited
    if is_awaited:
        _awaited.append(copy)
    return copy


_FUNCTION = type(_own)
