"""Client for the Ocamba Hood API. Connects message providers to an account, without lost or duplicate integrations.

Example::

    from ocamba_hood import Client, Twilio

    with Client() as client:  # the token comes from OCAMBA_TOKEN
        integration = client.integrations.create(
            name="Example Twilio",
            settings=Twilio(
                account_sid="AC7XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX",
                auth_token="464XXXXXXXXXXXXXXXXXXXXXXXXXXXXXX",
                default_phone_number="+121XXXXXXXXX",
            ),
        )
    print(integration.id)

A create is not idempotent, so the `outcome` of each `HoodError` says whether its request took effect.
`ocamba_hood.testing` provides a sandbox for tests, and `ocamba_hood.types` the types of requests as plain dicts.
"""

try:
    from ._native import RawValues as RawValues, Secret as Secret, __version__ as __version__
except ImportError as _error:
    from ._extension import explained

    raise explained(_error) from _error
from ._client import AsyncClient as AsyncClient, Client as Client
from ._errors import *
from ._generated import *
from ._http import Attempt as Attempt, Headers as Headers
from ._integrations import AsyncIntegrations as AsyncIntegrations, AsyncIntegrationsWithResponse as AsyncIntegrationsWithResponse, AsyncProviders as AsyncProviders
from ._integrations import Integrations as Integrations, IntegrationsWithResponse as IntegrationsWithResponse, Providers as Providers
from ._listing import AsyncListing as AsyncListing, AsyncListingWithResponse as AsyncListingWithResponse, Listing as Listing, ListingWithResponse as ListingWithResponse
from ._model import KEEP as KEEP, Keep as Keep
from ._response import Ensured as Ensured, Page as Page, RateLimitStatus as RateLimitStatus, Response as Response
from ._settings import Settings as Settings, UnknownProvider as UnknownProvider

TYPE_CHECKING = False
if not TYPE_CHECKING:
    from ._unions import Provider, SettingsUpdate

# Tracebacks and pickles name the public module of each class.
for _class in list(globals().values()):
    if isinstance(_class, type) and _class.__module__.startswith(f"{__name__}."):
        _class.__module__ = __name__
del _class

if not TYPE_CHECKING:
    __all__ = sorted([name for name in globals() if not name.startswith("_") and name != "TYPE_CHECKING"] + ["__version__"])
