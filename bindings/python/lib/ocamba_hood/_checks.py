"""Checks the arguments of the generated classes, and hides secrets before anything can fail, since a traceback may show the
variables of a frame. A `TypeError` names the argument, and shows no value."""

from sys import modules

from ._model import KEEP, Model
from ._native import RawValues, Secret, hide, hide_values


#: `inspect.CO_COROUTINE`, without that import.
_CO_COROUTINE = 0x80


def one(*kinds):
    """Returns a check for values of these classes, named by the first one. A boolean is not a number."""
    expected = kinds[0].__name__
    excluded = bool if int in kinds else ()

    def check(owner, name, value):
        fits = isinstance(value, kinds) and not isinstance(value, excluded)
        return value if fits else _refuse(owner, name, expected, type(value))

    return check


a_str, _a_bool, a_whole_number = one(str), one(bool), one(int)
a_number = one(float, int)


def a_bool(owner, name, value):
    """Returns a bool, also for one of numpy, as the core does."""
    kind = type(value)
    is_of_numpy = kind.__module__ == "numpy" and kind.__name__ in ("bool", "bool_")
    return _a_bool(owner, name, bool(value) if is_of_numpy else value)


def a_secret(owner, name, hidden):
    """Returns the result of `hide` if it is a secret; otherwise it is a type."""
    if type(hidden) is Secret:
        return hidden
    # `hide` hides each text, so this was the class `str`.
    return _refuse(owner, name, "str or Secret", type if hidden is str else hidden)


def optional(check, owner, name, value):
    """Returns `None`, or the checked value."""
    return None if value is None else check(owner, name, value)


def hide_change(value):
    """Hides a value, unless it is `KEEP`. Never raises."""
    return value if value is KEEP else hide(value)


def hidden(values, open_names):
    """Returns a copy of a dict that hides all values except those of `open_names`; otherwise the type, also of a value that is
    hidden already. Never raises, but for a `RawValues` that is nested too deeply."""
    if type(values) is RawValues:
        values = values.expose()
    if not isinstance(values, dict):
        return values if isinstance(values, type) else type(values)
    return {name: value if name in open_names else _hidden_value(value) for name, value in values.items()}


def require_dict(hidden):
    """Raises a `TypeError` unless this is a dict that `hidden` returned."""
    if not isinstance(hidden, dict):
        raise TypeError(f"expected a dict, not {hidden.__name__}")


def raw_values(owner, name, hidden):
    """Returns the result of `hide_values`. Raises an error for values that are nested too deeply."""
    try:
        len(hidden)
    except ValueError:
        pass
    else:
        return hidden
    raise ValueError(f"{type(owner).__name__}.{name} is nested too deeply")


def require_function(name, function):
    """Raises a `TypeError` unless this is `None`, or a function that nobody needs to await."""
    if function is not None and not callable(function):
        raise TypeError(f"{name} must be a function, not {type(function).__name__}")
    # Without an import of `functools`, it is none of its partial functions. A `Mock` has each attribute.
    functools = modules.get("functools")
    while functools is not None and isinstance(function, functools.partial):
        function = function.func
    codes = (getattr(one, "__code__", None) for one in (function, getattr(type(function), "__call__", None)))
    if any(getattr(code, "co_flags", 0) & _CO_COROUTINE for code in codes):
        raise TypeError(f"{name} must be a plain function, not an async one: nobody would await it")


def change(check, owner, name, value):
    """Returns `KEEP`, `None`, or the checked value."""
    return value if value is KEEP or value is None else check(owner, name, value)


def kept(check, owner, name, value):
    """Returns `KEEP`, or the checked value."""
    return value if value is KEEP else check(owner, name, value)


def several(kind):
    """Returns a check for lists of objects of a class, which become tuples."""
    check = one(kind)
    return lambda owner, name, values: tuple(check(owner, name, value) for value in values)


def typed(settings):
    """Returns an object of a settings class unchanged, and otherwise the type, for an error to name. Never raises."""
    is_fit = settings is None or settings is KEEP or _is_provider(settings) or isinstance(settings, type)
    return settings if is_fit else type(settings)


def typed_settings(changes):
    """Returns a copy of arguments in which typed settings, or their type, are the settings."""
    return {name: typed(value) if name == "settings" else value for name, value in changes.items()}


def a_provider(owner, name, typed):
    """Returns the result of `typed` if it is of a settings class."""
    fits = _is_provider(typed)
    return typed if fits else _refuse(owner, name, "of a settings class, such as UnknownProvider", typed)


def _hidden_value(value):
    """A value that no traceback shows: a secret, a dict, a list, or a type, for an error to name."""
    if isinstance(value, (dict, list)):
        return hide_values(value)
    return value if value is KEEP or isinstance(value, (Model, RawValues)) else hide(value)


def _refuse(owner, name, expected, found):
    # `hide` returns `None` for `None`.
    found = "None" if found is None else found.__name__
    raise TypeError(f"{type(owner).__name__}.{name} must be {expected}, not {found}")


def _is_provider(value):
    return hasattr(type(value), "_wire") and hasattr(value, "provider_id")
