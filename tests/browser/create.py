"""Creates an integration from a file, like the clients of the other languages."""

import json
import sys
from pathlib import Path

import ocamba_hood

request = ocamba_hood.NewIntegration.from_dict(json.loads(Path(sys.argv[1]).read_text()))
with ocamba_hood.Client() as client:
    client.integrations.create(request)
