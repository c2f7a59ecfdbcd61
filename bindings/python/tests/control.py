"""The local routes of a sandbox."""

import json
import urllib.request


class Control:
    """Controls a sandbox, which it empties first."""

    def __init__(self, url):
        self._url = url
        self._ask("POST", "reset")
        self.fail()

    def fail(self, operation=None, fault=None, **more):
        """Lets an operation, or the requests that `more` selects, fail; without a fault, none does."""
        selected = {} if operation is None else {"operation": operation}
        rules = [] if fault is None else [{**selected, "fault": fault, **more}]
        self._ask("PUT", "faults", {"faults": rules})

    def asked(self, operation=None):
        """Number of requests, of one operation or of all."""
        return sum(operation in (None, entry["operation"]) for entry in self.journal())

    def journal(self):
        """All requests, each with its operation, status and name."""
        return self._ask("GET", "journal")

    def _ask(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self._url}/_sandbox/{path}", data, method=method)
        with urllib.request.urlopen(request) as answer:
            text = answer.read()
        return json.loads(text) if text else None
