"""A function of AWS Lambda: its packages in a layer, its home read-only, its process stopped between two invocations."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

from servers import Server, answer

import ocamba_hood

HANDLER = """
import json, os, sys
from ocamba_hood import Client

client = Client()
for line in sys.stdin:
    print(client.integrations.create(json.loads(line)).id, flush=True)
"""
#: The system's root may write to any folder but one of a read-only file system.
READ_ONLY = ["unshare", "--mount", "sh", "-c", 'mount --bind -o ro "$HOME" "$HOME" && exec "$@"', "sh"] if os.geteuid() == 0 else []


def test_layer_works_with_a_read_only_home_and_after_a_stop(some_example, tmp_path):
    frozen = threading.Event()

    def serve(connection):
        while connection.request() is not None:
            connection.send(answer())
            # As load balancers do with connections that idle.
            if not frozen.is_set() and frozen.wait(60):
                return

    layer, home = tmp_path / "opt/python", tmp_path / "home"
    package = Path(ocamba_hood.__file__).parent
    shutil.copytree(package, layer / "ocamba_hood", ignore=shutil.ignore_patterns("__pycache__"))
    home.mkdir(mode=0o555)
    with Server(serve) as server:
        settings = {"OCAMBA_TOKEN": "token", "OCAMBA_BASE_URL": server.url, "PYTHONPATH": str(layer), "HOME": str(home)}
        command = [*READ_ONLY, sys.executable, "-S", "-c", HANDLER]
        pipes = {name: subprocess.PIPE for name in ("stdin", "stdout", "stderr")}
        system = {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"}
        with subprocess.Popen(command, env={**system, **settings}, cwd=tmp_path, text=True, **pipes) as function:

            def invoke():
                function.stdin.write(json.dumps(some_example.request) + "\n")
                function.stdin.flush()
                return function.stdout.readline().strip()

            assert invoke() == "1165"
            os.kill(function.pid, signal.SIGSTOP)
            os.waitid(os.P_PID, function.pid, os.WSTOPPED | os.WNOWAIT)
            frozen.set()
            assert server.closings.acquire(timeout=60)
            os.kill(function.pid, signal.SIGCONT)
            assert invoke() == "1165"
            _, errors = function.communicate(timeout=60)
    assert function.returncode == 0, errors
    assert [len(server.requests), server.connections] == [2, 2]
    assert "RuntimeWarning" in errors and str(home) in errors
