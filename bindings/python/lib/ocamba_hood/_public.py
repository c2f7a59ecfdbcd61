"""Gives public classes methods of their own: an inherited one names its private class in errors, signatures and help."""


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
    return _awaited(copy) if is_awaited else copy


def _awaited(method):
    """An async function in place of one that returns a coroutine: libraries ask which of both a function is."""

    async def call(self, *arguments, **options):
        try:
            called = method(self, *arguments, **options)
        finally:
            # A traceback may show the variables of a frame.
            del arguments, options
        return await called

    call.__name__, call.__qualname__, call.__doc__ = method.__name__, method.__qualname__, method.__doc__
    call.__annotations__, call.__wrapped__ = method.__annotations__, method
    return call


_FUNCTION = type(_own)
