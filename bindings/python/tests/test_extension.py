"""What an import says where the extension is missing, damaged, or in an archive."""

import pathlib
import shutil
import subprocess
import sys

import pytest

import ocamba_hood

PACKAGE = pathlib.Path(ocamba_hood.__file__).parent


@pytest.fixture
def copy(tmp_path):
    """A copy of the package without its extension."""
    return shutil.copytree(PACKAGE, tmp_path / "ocamba_hood", ignore=shutil.ignore_patterns("_native*", "__pycache__"))


def error_with(path):
    """The error of an import with this path before the installed packages."""
    code = f"import sys; sys.path.insert(0, {str(path)!r}); import ocamba_hood"
    result = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, timeout=60)
    assert result.returncode == 1
    return result.stderr.splitlines()[-1]


def test_missing_extension_says_where_to_install(copy):
    assert error_with(copy.parent).startswith(f"ImportError: ocamba_hood._native is not in {copy}; install ocamba-hood again")


@pytest.mark.parametrize("content", [b"", b"<html>" * 1000])
def test_damaged_extension_is_named(copy, content):
    extension = copy / "_native.abi3.so"
    extension.write_bytes(content)
    message = error_with(copy.parent)
    assert message.startswith(f"ImportError: ocamba_hood._native does not load: {extension}: ")
    assert f"install ocamba-hood again, with the Python and on the system that runs it (this is Python 3.{sys.version_info[1]}" in message


def test_archive_says_what_unpacks_itself(copy, tmp_path):
    shutil.make_archive(str(tmp_path / "app"), "zip", tmp_path, "ocamba_hood")
    message = error_with(tmp_path / "app.zip")
    assert message.startswith(f"ImportError: {tmp_path / 'app.zip' / 'ocamba_hood'} is in an archive")
    assert message.endswith("build the archive with shiv or pex, which unpack it")
