"""Programs with the wheels, made by the tools of users, find extension and program where no environment has them."""

import os
import pathlib
import shutil
import subprocess
import sys
import zipapp

import pytest

HERE = pathlib.Path(__file__).parent
APPLICATION = HERE / "app/create.py"
EXAMPLES = HERE.parents[1] / "openapi/examples"
REQUEST = next(path for path in sorted(EXAMPLES.glob("*/request.json"))).read_text()
FOLDERS = sorted({str(wheel.parent) for wheel in pathlib.Path(os.environ["OCAMBA_WHEELS"]).glob("**/*.whl")})
WHEELS = ["--no-index", *(word for folder in FOLDERS for word in ("--find-links", folder)), "ocamba-hood[sandbox]"]


def tool(module, *arguments, **options):
    """Runs a tool of this environment, which has no package of ours."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=900, **options)
    assert result.returncode == 0, result.stdout + result.stderr


def creates(command, folder, **variables):
    """Runs a command in another folder, and checks that it creates an integration."""
    system = {name: os.environ[name] for name in ("PATH", "HOME", "OCAMBA_RATE_LIMIT_DIR") if name in os.environ}
    command = [*map(str, command), REQUEST]
    result = subprocess.run(command, capture_output=True, text=True, timeout=300, cwd=folder, env={**system, **variables})
    assert result.stdout.split()[0].isdigit(), result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def target(tmp_path_factory):
    """The packages in one folder, as for a layer of AWS Lambda."""
    folder = tmp_path_factory.mktemp("target")
    tool("pip", "install", "--quiet", "--target", folder, *WHEELS)
    return folder


def test_target_folder(target, tmp_path):
    shutil.copytree(target, tmp_path / "python")
    creates([sys.executable, "-S", APPLICATION], tmp_path, PYTHONPATH=str(tmp_path / "python"))


def test_prefix(tmp_path):
    tool("pip", "install", "--quiet", "--prefix", tmp_path, *WHEELS)
    [packages] = tmp_path.glob("**/ocamba_hood/__init__.py")
    creates([sys.executable, "-S", APPLICATION], tmp_path, PYTHONPATH=str(packages.parents[1]))


@pytest.mark.parametrize("options", [[], ["--venv"]])
def test_pex(options, tmp_path):
    tool("pex", "--output-file", tmp_path / "app.pex", *options, *WHEELS)
    creates([sys.executable, tmp_path / "app.pex", APPLICATION], tmp_path, PEX_ROOT=str(tmp_path / "root"))


def test_shiv(tmp_path):
    tool("shiv", "--quiet", "--output-file", tmp_path / "app.pyz", *WHEELS)
    creates([sys.executable, tmp_path / "app.pyz", APPLICATION], tmp_path, SHIV_ROOT=str(tmp_path / "root"))


def test_zipapp_says_what_to_use(target, tmp_path):
    folder = shutil.copytree(target, tmp_path / "app")
    shutil.copy(APPLICATION, folder / "__main__.py")
    zipapp.create_archive(folder, tmp_path / "app.pyz")
    result = subprocess.run([sys.executable, tmp_path / "app.pyz", REQUEST], capture_output=True, text=True, timeout=60)
    assert "build the archive with shiv or pex" in result.stderr


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """An environment with the packages and PyInstaller, whose Python builds frozen programs."""
    folder = tmp_path_factory.mktemp("installed")
    tool("venv", folder)
    python = folder / "bin/python"
    # Those of the environment with the tools, which is not the system's.
    subprocess.run([python, "-m", "pip", "install", "--quiet", *WHEELS], check=True, timeout=300)
    return python


@pytest.mark.parametrize("form", ["--onedir", "--onefile"])
def test_pyinstaller(form, installed, tmp_path):
    tools = next(path for path in sys.path if path.endswith("site-packages"))
    command = [installed, "-m", "PyInstaller", "--log-level", "ERROR", form, "--name", "app", APPLICATION]
    variables = {**os.environ, "PYTHONPATH": tools}
    subprocess.run(list(map(str, command)), check=True, timeout=900, cwd=tmp_path, env=variables)
    built = tmp_path / "dist/app"
    moved = shutil.move(built, tmp_path / "moved")
    shutil.rmtree(tmp_path / "build")
    creates([pathlib.Path(moved) / "app" if form == "--onedir" else moved], tmp_path)
