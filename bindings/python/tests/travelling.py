"""Work for other processes, which import it by name."""

from ocamba_hood import Client

TOKEN = "token-canary"
#: A client that was used before a fork.
inherited = None


def fail(url, request, client=None):
    """Fails with the error of a create."""
    (client or Client(token=TOKEN, base_url=url, max_retries=0, rate_limit="off")).integrations.create(request)


def fail_with_inherited(url, request):
    fail(url, request, inherited)


def known(error):
    """All that is known of an error, as plain values."""
    plain = (type(error), str(error), repr(error), error.args, vars(error), error.outcome, error.status, error.trace_id)
    return (*plain, error.field_errors, dict(error.headers), error.attempts, error.retry_after, error.stage)
