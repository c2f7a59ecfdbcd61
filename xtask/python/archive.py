"""Packs a folder into a `.tar.gz` or `.zip` that is the same for the same files: archive.py ARCHIVE FOLDER SECONDS.

SECONDS since 1970 is the time of each file.
"""

import gzip
import stat
import sys
import tarfile
import time
import zipfile
from pathlib import Path

archive, folder, seconds = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
files = sorted(folder.iterdir())
# The names of programs have no extension, or that of Windows.
modes = {path: 0o755 if path.suffix in ("", ".exe") and path.stem == "ocamba" else 0o644 for path in files}

if archive.suffix == ".zip":
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in files:
            entry = zipfile.ZipInfo(f"{folder.name}/{path.name}", time.gmtime(seconds)[:6])
            entry.create_system, entry.compress_type = 3, zipfile.ZIP_DEFLATED
            entry.external_attr = (stat.S_IFREG | modes[path]) << 16
            packed.writestr(entry, path.read_bytes())
else:
    with (
        open(archive, "wb") as file,
        gzip.GzipFile("", "wb", 9, file, mtime=0) as compressed,
        tarfile.open(fileobj=compressed, mode="w", format=tarfile.USTAR_FORMAT) as packed,
    ):
        for path in files:
            entry = tarfile.TarInfo(f"{folder.name}/{path.name}")
            entry.size, entry.mode, entry.mtime = path.stat().st_size, modes[path], seconds
            with open(path, "rb") as content:
                packed.addfile(entry, content)
