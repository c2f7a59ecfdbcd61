"""Hides the secrets of plain dicts before anything can fail, since a traceback may show the variables of a frame."""

from ._native import RawValues, Secret, hide


def hidden(values, open_names):
    """Returns a copy that hides all values except those of `open_names`; for anything but a dict, its type. Never raises."""
    if type(values) is RawValues:
        values = values.expose()
    if not isinstance(values, dict):
        return type(values)
    return {name: value if name in open_names else _hidden_value(value) for name, value in values.items()}


def require_dict(hidden):
    if not isinstance(hidden, dict):
        raise TypeError(f"expected a dict, not {hidden.__name__}")


def _hidden_value(value):
    if isinstance(value, str):
        return hide(value)
    return RawValues(value) if isinstance(value, (dict, list)) else value


def exposed(value):
    return value.expose() if type(value) is Secret else value
