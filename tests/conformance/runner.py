"""The runner in Python: `runner.py PLAN RESULTS`. rust/src/plan.rs describes the plan.

Calls in order go through `Client`, calls at once through `AsyncClient`.
"""

import asyncio
import json
import re
import sys
import time
import urllib.request
from itertools import islice

from ocamba_hood import AsyncClient, AsyncListing, Client, Ensured, HoodError, Listing, Page, Response, ValidationError

#: Maximum seconds that a late request may take after the calls of its case ended.
SETTLES = 3


def main(plan_file, results_file):
    with open(plan_file, encoding="utf-8") as file:
        plan = known(json.load(file), "sandbox", "token", "secrets", "cases")
    observed, failed = [], {}
    for case in plan["cases"]:
        bounds = ("requests", "commits", "operations", "at_least_ms", "at_most_ms", "attempts")
        known(case, "name", "client", "given", "faults", "calls", "at_once", *bounds)
        for _ in range(case["attempts"]):
            seen, complaints = run(plan, case)
            if not complaints:
                break
        for complaint in complaints:
            print(f"FAILED {case['name']}: {complaint}")
        if complaints:
            failed[case["name"]] = complaints
        observed.append(seen)
    with open(results_file, "w", encoding="utf-8") as file:
        json.dump({"observed": observed, "failed": failed}, file)
    print(f"{len(observed) - len(failed)} passed, {len(failed)} failed")
    sys.exit(len(failed) > 0)


def run(plan, case):
    prepare(plan, case)
    started = time.monotonic()
    if case["at_once"]:
        ended = asyncio.run(at_once(case))
    else:
        ended = in_order(case)
    took = (time.monotonic() - started) * 1000
    journal = settled(plan, case)
    seen = {
        "name": case["name"],
        "calls": [observed(end) for end in ended],
        "requests": len(journal),
        "commits": commits(journal),
    }
    return seen, list(complaints(plan, case, ended, took, journal))


def in_order(case):
    try:
        client = Client(**settings(case["client"]))
    except HoodError as error:
        return [error]
    ended = []
    with client:
        for call in case["calls"]:
            ended.append(make(client, call, ended))
    return ended


def make(client, call, before):
    try:
        made = calling(client, call, before)
        if not isinstance(made, Listing):
            return made
        return Response(value=list(islice(made, call["take"])), status=None, headers={})
    except HoodError as error:
        return error


async def at_once(case):
    async with AsyncClient(**settings(case["client"])) as client:

        async def make(call):
            try:
                made = calling(client, call, [])
                if not isinstance(made, AsyncListing):
                    return await made
                return Response(value=[item async for item in made], status=None, headers={})
            except HoodError as error:
                return error

        return await asyncio.gather(*map(make, case["calls"]))


def calling(client, call, before):
    """The result of the call, an awaitable, or a list."""
    expected = ("result", "only", "id_from_journal", "status", "error")
    given = ("id", "request", "page", "take", "error_of", "allow_unknown_provider")
    known(call, "operation", *given, "timeout_ms", "max_retries", "reconcile_timeout_ms", *expected)
    operation, unknown = call["operation"], {"allow_unknown_provider": call["allow_unknown_provider"]}
    options = {} if call["max_retries"] is None else {"max_retries": call["max_retries"]}
    times = ("timeout", "reconcile_timeout")
    options |= {name: call[f"{name}_ms"] / 1000 for name in times if call[f"{name}_ms"] is not None}
    if operation == "list_providers":
        return listing(client.providers.list, call, options)
    if operation == "list":
        return listing(client.integrations.list, call, options)
    method = getattr(client.integrations.with_response, operation)
    if operation == "find_created":
        return method(before[call["error_of"]], **options)
    if operation == "get":
        return method(call["id"], **options)
    if operation == "update":
        return method(call["id"], call["request"], **unknown, **options)
    if operation == "send_test" and call["id"] is not None:
        return method(call["id"], **options)
    return method(call["request"], **unknown, **options)


def listing(method, call, options):
    try:
        found = method(**call["request"], **options)
    except TypeError as error:
        # An unknown filter is Python's own error, which names it. No request was sent.
        name = re.search("unexpected keyword argument '(.*)'", str(error))[1]
        raise ValidationError(str(error), outcome="not_sent", code="validation", field_errors=((name, "is not a filter"),)) from error
    return found if call["page"] is None else found.with_response.page(call["page"])


def settings(client):
    names = ("timeout_ms", "connect_timeout_ms", "max_retries", "max_response_bytes", "rate_limit_tier", "proxy")
    known(client, "token", "base_url", *names)
    chosen = {"token": client["token"], "base_url": client["base_url"], "rate_limit": "off", "proxy": client["proxy"]}
    if client["timeout_ms"] is not None:
        chosen["timeout"] = client["timeout_ms"] / 1000
    if client["connect_timeout_ms"] is not None:
        chosen["connect_timeout"] = client["connect_timeout_ms"] / 1000
    if client["max_retries"] is not None:
        chosen["max_retries"] = client["max_retries"]
    if client["max_response_bytes"] is not None:
        chosen["max_response_bytes"] = client["max_response_bytes"]
    if client["rate_limit_tier"] is not None:
        tier = known(client["rate_limit_tier"], "burst", "steady")
        chosen |= {"rate_limit": "memory", "rate_limit_tier": f"{tier['burst']}/{tier['steady']}"}
    return chosen


def observed(end):
    if isinstance(end, HoodError):
        return {"code": end.code, "outcome": end.outcome, "status": end.status}
    return {"code": "ok", "outcome": None, "status": end.status}


def complaints(plan, case, ended, took, journal):
    yield from unequal("calls", len(ended), len(case["calls"]))
    for call, end in zip(case["calls"], ended):
        if isinstance(end, HoodError) and call["error"] is not None:
            yield from of_error(call["error"], end)
        elif isinstance(end, HoodError):
            yield f"{end.code} {end.outcome} ({end}), expected a result"
        elif call["error"] is not None:
            yield f"ok, expected {call['error']['code']} {call['error']['outcome']}"
        else:
            yield from of_result(call, end, journal)
        shown = f"{end!r}{end}" + (f"{vars(end)}" if isinstance(end, HoodError) else "")
        yield from (f"{secret!r} is shown" for secret in plan["secrets"] if secret in shown)
    yield from unequal("requests", len(journal), case["requests"])
    yield from unequal("commits", commits(journal), case["commits"])
    if case["operations"] is not None:
        yield from unequal("operations", [entry["operation"] for entry in journal], case["operations"])
    if case["at_least_ms"] is not None and took < case["at_least_ms"]:
        yield f"took only {took:.0f} ms"
    if case["at_most_ms"] is not None and took > case["at_most_ms"]:
        yield f"took {took:.0f} ms"


def of_result(call, response, journal):
    expected, seen = call["result"], written(response.value)
    if call["id_from_journal"]:
        if seen["id"] not in [entry["integration_id"] for entry in journal]:
            yield f"the journal created no {seen['id']}"
        expected = {**expected, "id": seen["id"]}
    if call["only"] is not None:
        expected, seen = keep(expected, call["only"]), keep(seen, call["only"])
    yield from unequal("result", seen, expected)
    yield from unequal("status", response.status, call["status"])


def written(value):
    if isinstance(value, list):
        return [item.to_dict(reveal=True) for item in value]
    if isinstance(value, Page):
        return {"total": value.total, "items": [item.to_dict(reveal=True) for item in value.items]}
    if isinstance(value, Ensured):
        return {"action": value.action, "integration": value.integration.to_dict(reveal=True)}
    return None if value is None else value.to_dict(reveal=True)


def keep(result, only):
    """The result with only these fields of its integrations."""
    if isinstance(result, list):
        return [keep(item, only) for item in result]
    if result is None:
        return None
    for within in ("items", "integration"):
        if within in result:
            return {**result, within: keep(result[within], only)}
    return {name: value for name, value in result.items() if name in only}


def of_error(expected, error):
    looked_at = ("title", "message_contains", "trace_id", "retry_after", "hides")
    known(expected, "code", "outcome", "status", "stage", "field_errors", *looked_at)
    yield from unequal("code", error.code, expected["code"])
    yield from unequal("outcome", error.outcome, expected["outcome"])
    yield from unequal("status", error.status, expected["status"])
    yield from unequal("stage", error.stage, expected["stage"])
    yield from unequal("field_errors", sorted(field for field, _ in error.field_errors), sorted(expected["field_errors"]))
    if expected["title"] is not None:
        yield from unequal("title", error.title, expected["title"])
    if expected["trace_id"] is not None:
        yield from unequal("has a trace id", error.trace_id is not None, expected["trace_id"])
    if expected["retry_after"] is not None:
        seconds = -1.0 if error.retry_after is None else error.retry_after
        yield from unequal("retry_after", seconds, float(expected["retry_after"]))
    if expected["message_contains"] is not None and expected["message_contains"] not in error.message:
        yield f"the message is {shown_as_json(error.message)}, expected {shown_as_json(expected['message_contains'])} in it"
    shown = f"{error}|{error.message}|{error.title}|{error.trace_id}"
    for hidden in expected["hides"]:
        if hidden in shown:
            yield f"{hidden!r} is shown"


def unequal(what, seen, expected):
    # Shown as JSON, so that a difference is the same text in each language; compared as JSON, since in Python 1 is True.
    if json.dumps(seen, sort_keys=True) != json.dumps(expected, sort_keys=True):
        yield f"{what}: {shown_as_json(seen)}, expected {shown_as_json(expected)}"


def shown_as_json(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def commits(journal):
    return sum(entry["committed"] for entry in journal)


def prepare(plan, case):
    control(plan, "POST", "/_sandbox/reset")
    for request in case["given"]:
        control(plan, "POST", "/_sandbox/integrations", request)
    control(plan, "DELETE", "/_sandbox/journal")
    control(plan, "PUT", "/_sandbox/faults", {"faults": case["faults"]})


def settled(plan, case):
    """The journal, once it meets the expectations, or all requests ended and it cannot meet them."""
    deadline = time.monotonic() + SETTLES
    while True:
        journal = control(plan, "GET", "/_sandbox/journal")
        over = all(entry["duration_ms"] is not None for entry in journal)
        as_expected = (len(journal), commits(journal)) == (case["requests"], case["commits"])
        beyond = len(journal) > case["requests"] or commits(journal) > case["commits"]
        if over and as_expected or beyond or time.monotonic() > deadline:
            return journal
        time.sleep(0.01)


def control(plan, method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {plan['token']}", "Content-Type": "application/json"}
    request = urllib.request.Request(plan["sandbox"] + path, data, headers, method=method)
    with urllib.request.urlopen(request) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def known(fields, *names):
    """The fields: none may be unknown to this runner, and none may be missing."""
    if set(fields) != set(names):
        raise SystemExit(f"this runner does not know {set(fields) ^ set(names)}")
    return fields


main(*sys.argv[1:])
