"""Workers of gunicorn, which load the program before they fork."""

import json
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from urllib.request import urlopen

import pytest
from servers import Server, answer

PROGRAM = """
import json, os, sys
from ocamba_hood import Client, HoodError

request = json.loads(os.environ["REQUEST"])
client = Client(token="token", base_url=os.environ["SERVER"])
client.integrations.create({**request, "name": "preload"})

def app(environ, start_response):
    name = environ["PATH_INFO"][1:]
    found = client.integrations.create({**request, "name": name}).name
    start_response("200 OK", [])
    return [json.dumps([os.getpid(), found]).encode()]
"""


@pytest.mark.parametrize("worker", ["sync", "gthread"])
def test_gunicorn_preloads_a_client(some_example, tmp_path, worker):
    def serve(connection):
        while (request := connection.request()) is not None:
            name = json.loads(request[1])["name"]
            seen.append((connection, name))
            connection.send(answer(body={"id": "1", "name": name}))

    seen = []
    (tmp_path / "program.py").write_text(PROGRAM)
    with Server(serve) as server:
        options = ["--preload", "--workers", "2", "--worker-class", worker, "--threads", "4", "--bind", "127.0.0.1:0"]
        environment = {"REQUEST": json.dumps(some_example.request), "SERVER": server.url, "OCAMBA_RATE_LIMIT": "off"}
        command = [sys.executable, "-m", "gunicorn", *options, "--no-control-socket", "program:app"]
        with subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True) as gunicorn:
            try:
                lines = iter(gunicorn.stderr.readline, "")
                url = next(found[0] for line in lines if (found := re.search(r"http://127\.0\.0\.1:\d+", line)))
                names = [f"n{number}" for number in range(60)]
                with ThreadPoolExecutor(8) as pool:
                    answers = list(pool.map(lambda name: json.load(urlopen(f"{url}/{name}", timeout=60)), names))
            finally:
                gunicorn.terminate()
                gunicorn.communicate(timeout=60)
    assert [name for _, name in answers] == names
    worker_of = {name: process for process, name in answers}
    by_connection = {}
    for connection, name in seen:
        by_connection.setdefault(connection, set()).add(worker_of.get(name, "parent"))
    assert all(len(workers) == 1 for workers in by_connection.values()), "no connection has two processes"
