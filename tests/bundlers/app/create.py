"""An application that creates an integration in a sandbox, checks no rows, and prints the id and their number."""

import json
import sys

from ocamba_hood.fleet import Fleet
from ocamba_hood.testing import Sandbox

request = json.loads(sys.argv[1])
with Sandbox() as sandbox, sandbox.client() as client:
    print(client.integrations.create(request).id, Fleet([]).check())
