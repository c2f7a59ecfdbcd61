"""Where the program `ocamba` is."""

from __future__ import annotations

import os
import shutil
import sysconfig
from pathlib import Path


def binary(extra: str) -> str:
    """The environment's `OCAMBA_BINARY`, or where pip puts it, or on the `PATH`. The extra is what installs it."""
    if chosen := os.environ.get("OCAMBA_BINARY"):
        return chosen
    schemes = [sysconfig.get_default_scheme(), sysconfig.get_preferred_scheme("user")]
    for folder in dict.fromkeys(sysconfig.get_path("scripts", scheme) for scheme in schemes):
        installed = Path(folder, "ocamba.exe" if os.name == "nt" else "ocamba")
        if installed.is_file():
            return str(installed)
    found = shutil.which("ocamba")
    if found is None:
        raise FileNotFoundError(f"there is no binary `ocamba`; to install it, run: pip install 'ocamba-hood[{extra}]'")
    return found
