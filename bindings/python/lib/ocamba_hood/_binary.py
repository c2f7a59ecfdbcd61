"""Finds the program `ocamba`, and makes sure that it is of this version: it gets the token in its environment."""

from __future__ import annotations

import os
import subprocess

from ._native import __version__


def binary(extra: str, chosen: str | os.PathLike[str] | None = None) -> str:
    """Returns the path of the chosen program, or of `OCAMBA_BINARY` of the environment, or of the program that pip installed.

    :raises FileNotFoundError: there is no program.
    :raises RuntimeError: it is not of this version.
    """
    if chosen is None and (chosen := os.environ.get("OCAMBA_BINARY")):
        # A relative path would mean a file of whatever folder is the current one.
        if not os.path.isabs(chosen):
            raise RuntimeError(f"OCAMBA_BINARY is {chosen}, which is not an absolute path; set it to one, or unset it")
    return _checked(os.fspath(chosen)) if chosen else _installed(extra)


def _installed(extra: str) -> str:
    """The program of the package `ocamba-cli`, which its metadata identify, so that no other program is started."""
    # Takes longer to import than the rest of the package.
    from importlib.metadata import PackageNotFoundError, distribution

    install = f"to install it, run: pip install 'ocamba-hood[{extra}]=={__version__}'"
    try:
        package = distribution("ocamba-cli")
    except PackageNotFoundError:
        raise FileNotFoundError(f"the program `ocamba` was not found; {install}") from None
    if package.version != __version__:
        raise RuntimeError(f"ocamba-cli {package.version} is installed, but ocamba-hood needs {__version__}; {install}")
    for file in package.files or ():
        path = os.path.normpath(os.fspath(file.locate()))
        # Another package may have replaced it by a script of the same name.
        if file.stem == "ocamba" and os.path.isfile(path) and os.path.getsize(path) == file.size:
            return path
    again = f"to install it again, run: pip install --force-reinstall ocamba-cli=={__version__}"
    raise FileNotFoundError(f"the program `ocamba` of the package ocamba-cli is missing or was replaced; {again}")


def _checked(path: str) -> str:
    """Returns the path if the program says that it is of this version."""
    # Until then it may be any program, so it gets no variable that may be secret.
    variables = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    command = [path, "--version"]
    try:
        result = subprocess.run(command, env=variables, stdin=subprocess.DEVNULL, capture_output=True, timeout=30)
    except OSError as error:
        raise FileNotFoundError(f"{path} did not start: {error.strerror}") from None
    except subprocess.TimeoutExpired:
        raise RuntimeError(f"{path} did not show its version within 30 s; it must be ocamba {__version__}") from None
    if result.stdout.split() != [b"ocamba", __version__.encode()]:
        raise RuntimeError(
            f"{path} is not ocamba {__version__}, which ocamba-hood {__version__} needs; name that program, or name none to "
            "start that of the package ocamba-cli"
        )
    return path
