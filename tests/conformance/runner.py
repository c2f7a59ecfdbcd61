"""The runner in Python: `runner.py PLAN RESULTS`. What a plan has is told in rust/src/plan.rs.

Calls in order go through `Client`, calls at once through `AsyncClient`.
"""

import asyncio
import json
import sys
import time
import urllib.request

from ocamba_hood import AsyncClient, Client, HoodError

#: How many seconds what was begun in a case may go on after its calls have ended.
SETTLES = 3


def main(plan_file, results_file):
    with open(plan_file, encoding="utf-8") as file:
        plan = known(json.load(file), "sandbox", "cases")
    observed, failed = [], 0
    for case in plan["cases"]:
        known(case, "name", "client", "faults", "calls", "at_once", "requests", "commits", "at_least_ms", "at_most_ms")
        seen, complaints = run(plan["sandbox"], case)
        for complaint in complaints:
            print(f"FAILED {case['name']}: {complaint}")
        failed += bool(complaints)
        observed.append(seen)
    with open(results_file, "w", encoding="utf-8") as file:
        json.dump(observed, file)
    print(f"{len(observed) - failed} passed, {failed} failed")
    sys.exit(failed > 0)


def run(sandbox, case):
    control(sandbox, "POST", "reset")
    control(sandbox, "PUT", "faults", {"faults": case["faults"]})
    started = time.monotonic()
    if case["at_once"]:
        ended = asyncio.run(at_once(case))
    else:
        ended = in_order(case)
    took = (time.monotonic() - started) * 1000
    journal = settled(sandbox, case)
    seen = {
        "name": case["name"],
        "calls": [observed(end) for end in ended],
        "requests": len(journal),
        "commits": commits(journal),
    }
    return seen, list(complaints(case, ended, took, journal))


def in_order(case):
    try:
        client = Client(**settings(case["client"]))
    except HoodError as error:
        return [error]
    with client:
        return [create(client, call) for call in case["calls"]]


def create(client, call):
    try:
        return client.integrations.create_with_response(call["request"], **options(call))
    except HoodError as error:
        return error


async def at_once(case):
    async with AsyncClient(**settings(case["client"])) as client:

        async def create(call):
            try:
                return await client.integrations.create_with_response(call["request"], **options(call))
            except HoodError as error:
                return error

        return await asyncio.gather(*map(create, case["calls"]))


def settings(client):
    names = ("timeout_ms", "connect_timeout_ms", "max_retries", "max_response_bytes", "lane")
    known(client, "token", "base_url", *names)
    chosen = {"token": client["token"], "base_url": client["base_url"], "lane": "off"}
    if client["timeout_ms"] is not None:
        chosen["timeout"] = client["timeout_ms"] / 1000
    if client["connect_timeout_ms"] is not None:
        chosen["connect_timeout"] = client["connect_timeout_ms"] / 1000
    if client["max_retries"] is not None:
        chosen["max_retries"] = client["max_retries"]
    if client["max_response_bytes"] is not None:
        chosen["max_response_bytes"] = client["max_response_bytes"]
    if client["lane"] is not None:
        tier = known(client["lane"], "burst", "steady")
        chosen |= {"lane": "memory", "tier": f"{tier['burst']}/{tier['steady']}"}
    return chosen


def options(call):
    expected = ("result", "id_from_journal", "status", "error")
    known(call, "request", "allow_unknown_provider", "timeout_ms", "max_retries", *expected)
    chosen = {"allow_unknown_provider": call["allow_unknown_provider"]}
    if call["timeout_ms"] is not None:
        chosen["timeout"] = call["timeout_ms"] / 1000
    if call["max_retries"] is not None:
        chosen["max_retries"] = call["max_retries"]
    return chosen


def observed(end):
    if isinstance(end, HoodError):
        return {"code": end.code, "outcome": end.outcome, "status": end.status}
    return {"code": "created", "outcome": None, "status": end.status}


def complaints(case, ended, took, journal):
    yield from unequal("calls", len(ended), len(case["calls"]))
    for call, end in zip(case["calls"], ended):
        if isinstance(end, HoodError) and call["error"] is not None:
            yield from of_error(call["error"], end)
        elif isinstance(end, HoodError):
            yield f"{end.code} {end.outcome} ({end}), expected a result"
        elif call["error"] is not None:
            yield f"created, expected {call['error']['code']} {call['error']['outcome']}"
        else:
            yield from of_result(call, end, journal)
    yield from unequal("requests", len(journal), case["requests"])
    yield from unequal("commits", commits(journal), case["commits"])
    if case["at_least_ms"] is not None and took < case["at_least_ms"]:
        yield f"took only {took:.0f} ms"
    if case["at_most_ms"] is not None and took > case["at_most_ms"]:
        yield f"took {took:.0f} ms"


def of_result(call, response, journal):
    expected, written = call["result"], response.value.to_dict()
    if call["id_from_journal"]:
        if written["id"] not in [entry["integration_id"] for entry in journal]:
            yield f"the journal created no {written['id']}"
        expected = {**expected, "id": written["id"]}
    yield from unequal("result", written, expected)
    yield from unequal("status", response.status, call["status"])


def of_error(expected, error):
    looked_at = ("title", "message_contains", "trace_id", "retry_after", "hides")
    known(expected, "code", "outcome", "status", "problems", *looked_at)
    yield from unequal("code", error.code, expected["code"])
    yield from unequal("outcome", error.outcome, expected["outcome"])
    yield from unequal("status", error.status, expected["status"])
    yield from unequal("problems", sorted(field for field, _ in error.problems), sorted(expected["problems"]))
    if expected["title"] is not None:
        yield from unequal("title", error.title, expected["title"])
    if expected["trace_id"] is not None:
        yield from unequal("has a trace id", error.trace_id is not None, expected["trace_id"])
    if expected["retry_after"] is not None:
        seconds = -1.0 if error.retry_after is None else error.retry_after
        yield from unequal("retry_after", seconds, float(expected["retry_after"]))
    if expected["message_contains"] is not None and expected["message_contains"] not in error.message:
        yield f"the message is {error.message!r}, expected {expected['message_contains']!r} in it"
    shown = f"{error}|{error.message}|{error.title}|{error.trace_id}"
    for hidden in expected["hides"]:
        if hidden in shown:
            yield f"{hidden!r} is shown"


def unequal(what, seen, expected):
    # As JSON, since in Python 1 is True.
    if json.dumps(seen, sort_keys=True) != json.dumps(expected, sort_keys=True):
        yield f"{what}: {seen!r}, expected {expected!r}"


def commits(journal):
    return sum(entry["committed"] for entry in journal)


def settled(sandbox, case):
    """The journal, once all requests are over and it is as expected, or cannot become so any more."""
    deadline = time.monotonic() + SETTLES
    while True:
        journal = control(sandbox, "GET", "journal")
        over = all(entry["duration_ms"] is not None for entry in journal)
        as_expected = (len(journal), commits(journal)) == (case["requests"], case["commits"])
        beyond = len(journal) > case["requests"] or commits(journal) > case["commits"]
        if over and as_expected or beyond or time.monotonic() > deadline:
            return journal
        time.sleep(0.01)


def control(sandbox, method, name, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{sandbox}/_sandbox/{name}", data, method=method)
    with urllib.request.urlopen(request) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def known(fields, *names):
    """The fields, none of which may be one that this runner does not know, or be missing."""
    if set(fields) != set(names):
        raise SystemExit(f"this runner does not know {set(fields) ^ set(names)}")
    return fields


main(*sys.argv[1:])
