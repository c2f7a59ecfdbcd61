"""The base of the generated classes: frozen, compared by value, and without secrets in `repr`."""

from ._native import RawValues

put = object.__setattr__

#: The unknown fields of most results.
NOTHING = RawValues({})


class Keep:
    """The type of `KEEP`."""

    __slots__ = ()

    def __repr__(self):
        return "KEEP"

    def __reduce__(self):
        # A copy or pickle is the same object.
        return "KEEP"


#: The value of an omitted field of an update: the field keeps its value.
KEEP = Keep()


class Model:
    """An object that is frozen, compared by value, and shows no secret."""

    __slots__ = ()
    __match_args__ = ()
    #: The value of an omitted field, which `repr` leaves out.
    _left_out = None

    def __setattr__(self, name, value):
        raise AttributeError(f"{type(self).__name__} is frozen: {name!r} cannot be set")

    def __delattr__(self, name):
        raise AttributeError(f"{type(self).__name__} is frozen: {name!r} cannot be deleted")

    def __eq__(self, other):
        if type(other) is not type(self):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in self.__match_args__)

    def __hash__(self):
        return hash((type(self), *(getattr(self, name) for name in self.__match_args__)))

    def __repr__(self):
        # In a traceback, some fields may be missing.
        shown = ((name, getattr(self, name, self._left_out)) for name in self.__match_args__)
        given = [f"{name}={value!r}" for name, value in shown if value is not self._left_out]
        return f"{type(self).__name__}({', '.join(given)})"

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self

    def __reduce_ex__(self, protocol):
        name = type(self).__name__
        raise TypeError(f"{name} cannot be pickled, because the pickle would expose its secrets; pickle to_dict() if you mean to")
