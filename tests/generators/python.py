"""The Python package of OpenAPI Generator."""

import json
import os
import sys

sys.path.insert(0, "client")

import generated

configuration = generated.Configuration(host=os.environ["OCAMBA_BASE_URL"], access_token=os.environ["OCAMBA_TOKEN"])
requests = json.load(open("requests.json"))
with generated.ApiClient(configuration) as client:
    api = generated.IntegrationsApi(client)
    for request in requests:
        new = generated.CreateIntegration.from_dict(request["body"])
        assert type(new.actual_instance).__name__ == request["schema"], new
        api.validate_integration(new)
        created = api.create_integration(new)
        assert created.provider_id == request["body"]["provider_id"], created
    page = api.list_integrations(page=1, sort="id")
    assert page.total == len(requests) and all(item.name for item in page.items), page
