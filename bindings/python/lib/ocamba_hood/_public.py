"""Gives public classes methods of their own, since those that they inherit name a private class in errors and help."""

#: The types of parameters at runtime, by name: those that all methods share. The stubs have exact types.
_TYPES = {
    "id": "str",
    "name": "str | None",
    "error": "BaseException",
    "number": "int",
    "reveal": "bool",
    "q": "str | None",
}


class Public:
    """The base of private classes whose subclasses are public."""

    __slots__ = ()

    def __init_subclass__(cls):
        if cls.__name__.startswith("_"):
            return
        for base in cls.__mro__:
            if base.__name__.startswith("_"):
                for name, method in vars(base).items():
                    if type(method) is _FUNCTION and name not in vars(cls):
                        setattr(cls, name, _own(cls, method))


def _own(cls, method):
    """A copy of a method that names this class."""
    copy = _FUNCTION(method.__code__, method.__globals__, method.__name__, method.__defaults__, method.__closure__)
    copy.__kwdefaults__, copy.__annotations__, copy.__doc__ = method.__kwdefaults__, method.__annotations__, method.__doc__
    copy.__qualname__ = f"{cls.__name__}.{method.__name__}"
    return copy


_FUNCTION = type(_own)
