"""Finds the program `ocamba`, and makes sure that it is of this version: it gets the token in its environment."""

from __future__ import annotations

import os
import subprocess
import sys

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
    return _checked(os.fspath(chosen)) if chosen else installed(extra)


def installed(extra: str) -> str:
    """The program of the package `ocamba-cli`, which its metadata identify, or one of this version beside this package."""
    # Takes longer to import than the rest of the package.
    from importlib.metadata import PackageNotFoundError, distribution

    install = f"to install it, run: pip install 'ocamba-hood[{extra}]=={__version__}'"
    places = []
    try:
        package = distribution("ocamba-cli")
    except PackageNotFoundError:
        pass
    else:
        if package.version != __version__:
            raise RuntimeError(f"ocamba-cli {package.version} is installed, but ocamba-hood needs {__version__}; {install}")
        install = f"to install it again, run: pip install --force-reinstall ocamba-cli=={__version__}"
        for file in package.files or ():
            if file.stem != "ocamba":
                continue
            # `pip install --target` moves the folder `bin`, and leaves the metadata unchanged.
            for place in (file.locate(), package.locate_file(f"bin/{file.name}")):
                path = os.path.normpath(str(place))
                # Another package may have replaced it by a script of the same name.
                if os.path.isfile(path) and os.path.getsize(path) == file.size:
                    return _executable(path)
                places.append(path)
    for folder in _own_folders():
        path = os.path.join(folder, "ocamba.exe" if os.name == "nt" else "ocamba")
        if os.path.isfile(path):
            return _checked(_executable(path))
        places.append(path)
    raise FileNotFoundError(
        f"the program `ocamba` is missing or was replaced; {install}, or set OCAMBA_BINARY to its path; it was looked for as "
        + ", ".join(dict.fromkeys(places))
    )


def _own_folders() -> list[str]:
    """Folders whose files belong to whoever installed this package or, in a frozen program, to whoever built that."""
    folders = [os.path.dirname(os.path.abspath(__file__))]
    if getattr(sys, "frozen", False):
        folders += [getattr(sys, "_MEIPASS", folders[0]), os.path.dirname(os.path.abspath(sys.executable))]
    return folders


def _executable(path: str) -> str:
    """Returns the path, unless the file lost its permissions, as in some archives."""
    if os.access(path, os.X_OK):
        return path
    raise RuntimeError(f"{path} may not be executed; to permit it, run: chmod +x '{path}'")


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
