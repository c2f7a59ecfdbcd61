"""The package of openapi-python-client."""

import json
import os


from generated import AuthenticatedClient, models
from generated.api.integrations import create_integration, list_integrations, validate_integration

requests = json.load(open("requests.json"))
with AuthenticatedClient(os.environ["OCAMBA_BASE_URL"], token=os.environ["OCAMBA_TOKEN"]) as client:
    for request in requests:
        new = getattr(models, request["schema"]).from_dict(request["body"])
        validated = validate_integration.sync_detailed(client=client, body=new)
        created = create_integration.sync(client=client, body=new)
        assert validated.status_code == 204 and created.provider_id == request["body"]["provider_id"], created
    page = list_integrations.sync(client=client, page=1, sort="id")
    assert page.total == len(requests) and all(item.name for item in page.items), page
