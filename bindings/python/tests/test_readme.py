"""The examples of the README run, each against a sandbox."""

import re
from pathlib import Path

import pytest

from ocamba_hood.opentelemetry import HoodInstrumentor
from ocamba_hood.testing import Sandbox

TEXT = (Path(__file__).resolve().parents[1] / "README.md").read_text()
EXAMPLES = re.findall(r"^```python\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_example_runs(monkeypatch, tmp_path, number):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OCAMBA_TOKEN", "token")
    with Sandbox() as sandbox:
        monkeypatch.setenv("OCAMBA_BASE_URL", sandbox.url)
        names = {"__name__": "__main__"}
        exec(compile(EXAMPLES[number], f"README.md example {number}", "exec"), names)
        for test in [value for name, value in names.items() if name.startswith("test_")]:
            test(sandbox)
    HoodInstrumentor().uninstrument()


def test_readme_has_examples():
    assert len(EXAMPLES) >= 18
