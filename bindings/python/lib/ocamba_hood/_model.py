"""What all the generated classes have in common: they are frozen, compare by value, and show no secret."""

from ._native import RawValues

put = object.__setattr__

#: What most results have of what this version does not know.
NOTHING = RawValues({})


class Keep:
    """The type of `KEEP`."""

    __slots__ = ()

    def __repr__(self):
        return "KEEP"

    def __reduce__(self):
        # There is only one, also after a copy or a pickle.
        return "KEEP"


#: What a field of an update is that was left out: it stays as it is.
KEEP = Keep()


class Model:
    """Frozen, comparable, and without secrets in what it shows."""

    __slots__ = ()
    __match_args__ = ()
    #: What a field is that was left out.
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
        # One that is only half made, as in a traceback, shows what it has.
        shown = ((name, getattr(self, name, self._left_out)) for name in self.__match_args__)
        given = [f"{name}={value!r}" for name, value in shown if value is not self._left_out]
        return f"{type(self).__name__}({', '.join(given)})"

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self

    def __reduce_ex__(self, protocol):
        name = type(self).__name__
        raise TypeError(f"{name} is not pickled, since the pickle would show its secrets; pickle to_dict() if that is meant")
