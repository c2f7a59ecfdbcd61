"""The program `ocamba` that fleets and the sandbox start: only that of this version gets the token."""

import os
import sys

import pytest
from test_secrets import CANARY, everything_of

import ocamba_hood
from ocamba_hood._binary import binary
from ocamba_hood.fleet import Fleet
from ocamba_hood.testing import Sandbox

VERSION = ocamba_hood.__version__
STARTS = {
    "fleet": lambda **given: Fleet([], token=CANARY, **given).check(),
    "sandbox": lambda **given: Sandbox(**given).close(),
}


@pytest.fixture(params=STARTS)
def start(request, monkeypatch):
    """Starts the program, with a token in the environment."""
    monkeypatch.delenv("OCAMBA_BINARY", raising=False)
    monkeypatch.setenv("OCAMBA_TOKEN", CANARY)
    return STARTS[request.param]


@pytest.fixture
def foreign(tmp_path):
    """Writes a program that records its environment and prints a line. Returns its path."""

    def write(line, folder=tmp_path):
        program = folder / "ocamba"
        record = tmp_path / "environment"
        program.write_text(f"#!/bin/sh\n/usr/bin/env >> '{record}'\necho '{line}'\n")
        program.chmod(0o755)
        return program

    yield write
    record = tmp_path / "environment"
    assert not record.exists() or CANARY not in record.read_text()


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Puts the metadata of a package `ocamba-cli`, with one file, before those of the installed one."""

    def write(version, size=0):
        folder = tmp_path / f"ocamba_cli-{version}.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.4\nName: ocamba-cli\nVersion: {version}\n")
        (folder / "RECORD").write_text(f"ocamba,sha256=0,{size}\n")
        monkeypatch.syspath_prepend(str(tmp_path))

    return write


LINES = ["ocamba 0.0.9", f"ocamba {VERSION}0", f"another {VERSION}", f"ocamba {VERSION} of others", ""]


@pytest.mark.parametrize("line", LINES)
def test_another_program_gets_no_token(line, start, foreign, monkeypatch):
    program = foreign(line)
    with pytest.raises(RuntimeError, match=f"{program} is not ocamba {VERSION}") as caught:
        start(binary=program)
    assert CANARY not in everything_of(caught.value)
    monkeypatch.setenv("OCAMBA_BINARY", str(program))
    with pytest.raises(RuntimeError, match=f"is not ocamba {VERSION}"):
        start()


def test_program_of_the_path_is_not_started(start, foreign, monkeypatch):
    monkeypatch.setenv("PATH", str(foreign(f"ocamba {VERSION}").parent))
    monkeypatch.setattr(sys, "path", [])
    with pytest.raises(FileNotFoundError, match=rf"pip install 'ocamba-hood\[\w+\]=={VERSION}'"):
        start()


def test_package_of_another_version_is_not_started(start, foreign, package):
    package("0.0.9", foreign(f"ocamba {VERSION}").stat().st_size)
    with pytest.raises(RuntimeError, match=rf"ocamba-cli 0\.0\.9 .*pip install 'ocamba-hood\[\w+\]=={VERSION}'"):
        start()


def test_replaced_program_is_not_started(start, foreign, package):
    package(VERSION, foreign(f"ocamba {VERSION}").stat().st_size + 1)
    with pytest.raises(FileNotFoundError, match=f"replaced.*pip install --force-reinstall ocamba-cli=={VERSION}"):
        start()


def test_variable_names_an_absolute_path(start, foreign, monkeypatch):
    monkeypatch.chdir(foreign(f"ocamba {VERSION}").parent)
    for path in ("ocamba", "./ocamba", "../ocamba"):
        monkeypatch.setenv("OCAMBA_BINARY", path)
        with pytest.raises(RuntimeError, match="OCAMBA_BINARY is .* absolute"):
            start()


def test_missing_program_is_reported(start, monkeypatch):
    with pytest.raises(FileNotFoundError, match="/nowhere/ocamba did not start") as caught:
        start(binary="/nowhere/ocamba")
    assert CANARY not in everything_of(caught.value)
    monkeypatch.setenv("OCAMBA_BINARY", "/nowhere/ocamba")
    with pytest.raises(FileNotFoundError, match="/nowhere/ocamba did not start"):
        start()


def test_program_of_this_version_is_started(start, tmp_path, monkeypatch):
    wrapper = tmp_path / "wrapper"
    wrapper.write_text(f"#!/bin/sh\nexec '{os.fspath(binary('fleet'))}' \"$@\"\n")
    wrapper.chmod(0o755)
    start()
    start(binary=wrapper)
    monkeypatch.setenv("OCAMBA_BINARY", str(wrapper))
    start()


@pytest.fixture
def target(tmp_path, monkeypatch):
    """Lays out `ocamba-cli` as `pip install --target` does: the metadata name a folder `bin` that was moved."""
    content = f"#!/bin/sh\necho ocamba {VERSION}\n"
    metadata = tmp_path / f"ocamba_cli-{VERSION}.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.4\nName: ocamba-cli\nVersion: {VERSION}\n")
    (metadata / "RECORD").write_text(f"../../bin/ocamba,sha256=0,{len(content)}\n")
    program = tmp_path / "bin/ocamba"
    program.parent.mkdir()
    program.write_text(content)
    program.chmod(0o755)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delenv("OCAMBA_BINARY", raising=False)
    return program


def test_program_of_a_target_folder_is_found(target):
    assert binary("fleet") == str(target)


def test_program_without_permission_says_how_to_permit_it(target):
    target.chmod(0o644)
    # Root may execute a file if anyone may, so not this one either.
    with pytest.raises(RuntimeError, match=f"{target} may not be executed; .* chmod [+]x '{target}'"):
        binary("fleet")


def test_places_of_a_missing_program_are_listed(target):
    target.unlink()
    beside = os.path.join(os.path.dirname(ocamba_hood.__file__), "ocamba")
    with pytest.raises(FileNotFoundError) as caught:
        binary("fleet")
    message = str(caught.value)
    assert "pip install --force-reinstall" in message and "OCAMBA_BINARY" in message
    assert message.endswith(f"{target}, {beside}")


@pytest.mark.parametrize("place", ["_MEIPASS", "executable"])
def test_program_of_a_frozen_program_is_checked(place, foreign, tmp_path, monkeypatch):
    """PyInstaller and others put files beside the program, without metadata."""
    monkeypatch.delenv("OCAMBA_BINARY", raising=False)
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, place, str(tmp_path if place == "_MEIPASS" else tmp_path / "app"), raising=False)
    program = foreign(f"ocamba {VERSION}")
    assert binary("fleet") == str(program)
    foreign("ocamba 0.0.9")
    with pytest.raises(RuntimeError, match=f"{program} is not ocamba {VERSION}"):
        binary("fleet")
