"""Why the extension is missing or does not load; imported only then."""

import os
import sys


def explained(error: ImportError) -> ImportError:
    """Returns an error that says what to do, or the same one if it comes from the extension."""
    folder = os.path.dirname(__file__)
    if isinstance(error, ModuleNotFoundError):
        if os.path.isdir(folder):
            why = f"ocamba_hood._native is not in {folder}; {_AGAIN}, or add it to what freezes the program"
        else:
            why = f"{folder} is in an archive, from which no extension can be imported; build the archive with shiv or pex, which unpack it"
    elif error.path is not None:
        why = f"ocamba_hood._native does not load: {error}; {_AGAIN}"
    else:
        return error
    return ImportError(why, name=error.name, path=error.path)


_AGAIN = (
    "install ocamba-hood again, with the Python and on the system that runs it "
    f"(this is Python {sys.version_info[0]}.{sys.version_info[1]} on {sys.platform})"
)
