"""The notebook of the examples runs, its stored outputs are those of a run, and they show no secret."""

import json
import os
import re
import shutil
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from traitlets.config import Config

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
NOTEBOOK = EXAMPLES / "fleet.ipynb"
#: What differs between runs: times and trace IDs.
VARYING = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
#: The keys of its sandbox.
SECRETS = ("demo-sms", "demo-mail")


def outputs(notebook):
    """The outputs of each cell, without what differs between runs."""
    for cell in notebook.cells:
        shown = [output.get("text") or output["data"] for output in cell.get("outputs", ())]
        yield cell.source, VARYING.sub("", json.dumps(shown, sort_keys=True))


def test_notebook_runs_as_stored(tmp_path, monkeypatch):
    # Jupyter would write into the user's folder.
    for variable in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.setenv(variable, str(tmp_path / "jupyter"))
    shutil.copy(EXAMPLES / "shops.csv", tmp_path)
    notebook = nbformat.read(NOTEBOOK, 4)
    stored = list(outputs(notebook))
    resources = {"metadata": {"path": str(tmp_path)}}
    # Ports would be chosen long before the kernel uses them.
    sockets = Config({"KernelManager": {"transport": "ipc", "connection_file": str(tmp_path / "k.json")}})
    options = {"timeout": 120, "kernel_name": "python3", "record_timing": False, "resources": resources}
    NotebookClient(notebook, config=sockets, **options).execute()
    run = list(outputs(notebook))
    assert len([shown for _, shown in run if "text/html" in shown]) >= 8
    assert not [shown for _, shown in run for secret in SECRETS if secret in shown]
    if os.environ.get("UPDATE_NOTEBOOK"):
        notebook.metadata.language_info = {"name": "python"}
        nbformat.write(notebook, NOTEBOOK)
        return
    for (source, shown), (_, before) in zip(run, stored, strict=True):
        assert shown == before, f"the output of this cell changed; UPDATE_NOTEBOOK=1 stores it:\n{source}"
