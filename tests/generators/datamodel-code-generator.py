"""The models of datamodel-code-generator."""

import json
import os
import urllib.request

import generated
from pydantic import TypeAdapter


def call(method, path, body=None):
    """Sends a request, and returns the body of the response."""
    headers = {"Authorization": f"Bearer {os.environ['OCAMBA_TOKEN']}", "Content-Type": "application/json"}
    url = f"{os.environ['OCAMBA_BASE_URL']}/v1/hood/integrations{path}"
    with urllib.request.urlopen(urllib.request.Request(url, body, headers, method=method)) as response:
        return response.read()


requests = json.load(open("requests.json"))
for request in requests:
    new = TypeAdapter(generated.CreateIntegration).validate_python(request["body"])
    body = new.model_dump_json(exclude_unset=True).encode()
    call("POST", "/validate", body)
    created = generated.CreatedIntegration.model_validate_json(call("POST", "", body))
    assert created.provider_id == request["body"]["provider_id"], created
page = generated.IntegrationList.model_validate_json(call("GET", "?page=1&sort=id"))
assert page.total == len(requests) and all(item.name for item in page.items), page
