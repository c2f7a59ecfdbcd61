"""Finds the program `ocamba`."""

from __future__ import annotations

import os
import shutil
import sysconfig
from pathlib import Path


def binary(extra: str) -> str:
    """Returns `OCAMBA_BINARY` of the environment, or the program that pip installed, or the one on the `PATH`."""
    if chosen := os.environ.get("OCAMBA_BINARY"):
        return chosen
    schemes = [sysconfig.get_default_scheme(), sysconfig.get_preferred_scheme("user")]
    for folder in dict.fromkeys(sysconfig.get_path("scripts", scheme) for scheme in schemes):
        installed = Path(folder, "ocamba.exe" if os.name == "nt" else "ocamba")
        if installed.is_file():
            return str(installed)
    found = shutil.which("ocamba")
    if found is None:
        raise FileNotFoundError(f"the program `ocamba` was not found; to install it, run: pip install 'ocamba-hood[{extra}]'")
    return found
