"""Client for the Ocamba Hood API: connect message providers to an account, nothing lost and nothing twice.

Example::

    from ocamba_hood import Client, Twilio

    with Client() as client:  # OCAMBA_TOKEN
        integration = client.integrations.create(
            name="Example Twilio",
            settings=Twilio(
                account_sid="AC7XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX",
                auth_token="464XXXXXXXXXXXXXXXXXXXXXXXXXXXXXX",
                default_phone_number="+121XXXXXXXXX",
            ),
        )
    print(integration.id)

A create is not idempotent, so every `HoodError` has an `outcome`, which says what became of its request.
`ocamba_hood.testing` has a sandbox to test against, and `ocamba_hood.types` the requests as plain dicts.
"""

from . import _errors, _generated
from ._client import AsyncClient, Client
from ._errors import *
from ._generated import *
from ._integrations import AsyncIntegrations, Integrations
from ._model import Settings, UnknownProvider
from ._native import RawValues, Secret
from ._response import Response

__all__ = [
    "AsyncClient",
    "AsyncIntegrations",
    "Client",
    "Integrations",
    "RawValues",
    "Response",
    "Secret",
    "Settings",
    "UnknownProvider",
]
__all__ += _errors.__all__
__all__ += _generated.__all__

# Where users find them is where they say they are from, in a traceback and in a pickle.
for _name in __all__:
    if isinstance(globals()[_name], type) and globals()[_name].__module__.startswith(__name__):
        globals()[_name].__module__ = __name__
del _name
