"""Checks the arguments of the generated classes. A `TypeError` names the argument, and shows no value."""

from ._model import KEEP
from ._native import Secret, hide


def a_str(owner, name, value):
    """Returns the value if it is a string."""
    return value if isinstance(value, str) else _refuse(owner, name, "str", type(value))


def a_secret(owner, name, hidden):
    """Returns the result of `hide` if it is a secret; otherwise it is a type."""
    return hidden if type(hidden) is Secret else _refuse(owner, name, "str or Secret", hidden)


def a_whole_number(owner, name, value):
    """Returns the value if it is a whole number."""
    return value if isinstance(value, int) and not isinstance(value, bool) else _refuse(owner, name, "int", type(value))


def a_number(owner, name, value):
    """Returns the value if it is a number."""
    fits = isinstance(value, (int, float)) and not isinstance(value, bool)
    return value if fits else _refuse(owner, name, "float", type(value))


def a_bool(owner, name, value):
    """Returns the value if it is a boolean."""
    return value if isinstance(value, bool) else _refuse(owner, name, "bool", type(value))


def optional(check, owner, name, value):
    """Returns `None`, or the checked value."""
    return None if value is None else check(owner, name, value)


def hide_change(value):
    """Hides a value, unless it is `KEEP`. Never raises."""
    return value if value is KEEP else hide(value)


def change(check, owner, name, value):
    """Returns `KEEP`, `None`, or the checked value."""
    return value if value is KEEP or value is None else check(owner, name, value)


def kept(check, owner, name, value):
    """Returns `KEEP`, or the checked value."""
    return value if value is KEEP else check(owner, name, value)


def one(kind):
    """Returns a check for objects of a class."""

    def check(owner, name, value):
        return value if isinstance(value, kind) else _refuse(owner, name, kind.__name__, type(value))

    return check


def several(kind):
    """Returns a check for lists of objects of a class, which become tuples."""
    check = one(kind)
    return lambda owner, name, values: tuple(check(owner, name, value) for value in values)


def typed(settings):
    """Returns an object of a settings class unchanged, and otherwise the type, for an error to name. Never raises."""
    return settings if settings is None or settings is KEEP or _is_provider(settings) else type(settings)


def a_provider(owner, name, typed):
    """Returns the result of `typed` if it is of a settings class."""
    fits = _is_provider(typed)
    return typed if fits else _refuse(owner, name, "of a settings class, such as UnknownProvider", typed)


def _refuse(owner, name, expected, found):
    # `hide` returns `None` for `None`.
    found = "None" if found is None else found.__name__
    raise TypeError(f"{type(owner).__name__}.{name} must be {expected}, not {found}")


def _is_provider(value):
    return hasattr(type(value), "_wire") and hasattr(value, "provider_id")
