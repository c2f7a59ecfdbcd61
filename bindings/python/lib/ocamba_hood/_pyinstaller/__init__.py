"""Tells PyInstaller where its hook for this package is."""

import os


def hook_dirs() -> list[str]:
    """Returns the folders with hooks."""
    return [os.path.dirname(__file__)]
