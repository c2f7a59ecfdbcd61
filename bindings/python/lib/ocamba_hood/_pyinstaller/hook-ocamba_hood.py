"""What PyInstaller cannot see: modules that the extension imports, and the program of `ocamba-cli`, if it is installed."""

from ocamba_hood._binary import installed

hiddenimports = ["ocamba_hood._errors", "ocamba_hood._pydantic"]
try:
    binaries = [(installed("sandbox"), "ocamba_hood")]
except (FileNotFoundError, RuntimeError):
    binaries = []
