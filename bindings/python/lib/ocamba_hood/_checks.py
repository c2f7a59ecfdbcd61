"""Checks of what the generated classes are given. What is wrong is a `TypeError` that names it, and shows no value."""

from ._model import KEEP
from ._native import Secret, hide


def a_str(owner, name, value):
    """The value, if it is a string."""
    return value if isinstance(value, str) else _refuse(owner, name, "str", type(value))


def a_secret(owner, name, hidden):
    """The secret, if it is one: `hide` puts a type in the place of what is not."""
    return hidden if type(hidden) is Secret else _refuse(owner, name, "str or Secret", hidden)


def a_whole_number(owner, name, value):
    """The value, if it is a whole number."""
    return value if isinstance(value, int) and not isinstance(value, bool) else _refuse(owner, name, "int", type(value))


def a_number(owner, name, value):
    """The value, if it is a number."""
    fits = isinstance(value, (int, float)) and not isinstance(value, bool)
    return value if fits else _refuse(owner, name, "float", type(value))


def a_bool(owner, name, value):
    """The value, if it is true or false."""
    return value if isinstance(value, bool) else _refuse(owner, name, "bool", type(value))


def optional(check, owner, name, value):
    """`None`, or the value if it passes its check."""
    return None if value is None else check(owner, name, value)


def hide_change(value):
    """As `hide`, of what an update may leave out. Never raises."""
    return value if value is KEEP else hide(value)


def change(check, owner, name, value):
    """`KEEP`, or `None`, or the value if it passes its check."""
    return value if value is KEEP or value is None else check(owner, name, value)


def kept(check, owner, name, value):
    """`KEEP`, or the value if it passes its check."""
    return value if value is KEEP else check(owner, name, value)


def one(kind):
    """A check that a value is of a class."""

    def check(owner, name, value):
        return value if isinstance(value, kind) else _refuse(owner, name, kind.__name__, type(value))

    return check


def several(kind):
    """A check that all values of a list are of a class. They are kept as a tuple."""
    check = one(kind)
    return lambda owner, name, values: tuple(check(owner, name, value) for value in values)


def typed(settings):
    """The settings if they are of a settings class, and else their type, for the error to name. Never raises."""
    return settings if settings is None or settings is KEEP or _is_provider(settings) else type(settings)


def a_provider(owner, name, typed):
    """The settings, if they are of a settings class."""
    fits = _is_provider(typed)
    return typed if fits else _refuse(owner, name, "of a settings class, as UnknownProvider", typed)


def _refuse(owner, name, expected, found):
    # `hide` returns the type `NoneType` as `None`.
    found = "None" if found is None else found.__name__
    raise TypeError(f"{type(owner).__name__}.{name} must be {expected}, not {found}")


def _is_provider(value):
    return hasattr(type(value), "_wire") and hasattr(value, "provider_id")
