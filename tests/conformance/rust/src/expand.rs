//! Expands the short form of a case.

use serde::Deserialize;
use serde_json::{Map, Value, from_value, json};

use crate::Result;
use crate::examples::Examples;
use crate::plan::{Case, Operation};
use crate::template::Template;

/// Fields of an integration that a case compares by default if the sandbox composes the response: those in the request.
const SENT: [&str; 5] = ["id", "name", "provider_id", "settings", "status"];

/// Response of the sandbox to the first operation of the case, after the commit.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    status: Option<u16>,
    #[serde(default)]
    body: Template,
}

/// Expands a case.
pub fn expand(mut case: Value, examples: &Examples) -> Result<Case> {
    let fields = case.as_object_mut().ok_or("a case is an object")?;
    let given = several(fields.remove("given"), |it| from_value::<Template>(it)?.apply(&examples.request))?;
    let calls = fields.remove("calls").ok_or("a case has calls")?;
    let mut answered = None;
    if let Some(answer) = fields.remove("answer") {
        let Answer { status, body } = from_value(answer)?;
        let operation = calls[0].get("operation").map_or(Ok(Operation::Create), Operation::deserialize)?;
        let status = status.unwrap_or(if operation == Operation::Create { 201 } else { 200 });
        let body = body.apply(examples.response(operation)?)?;
        let fault = json!({ "answer": { "status": status, "body": { "json": body }, "at": "commit" } });
        fields.insert("faults".to_owned(), json!([{ "fault": fault }]));
        answered = Some((status, body));
    }
    fields.insert("given".to_owned(), given.into());
    fields.insert("calls".to_owned(), several(Some(calls), |it| call(it, answered.as_ref(), examples))?.into());
    let case: Case = from_value(case)?;
    if case.at_once && case.calls.iter().any(|call| call.take.is_some() || call.error_of.is_some()) {
        return Err("`take` and `error_of` go with calls in order".into());
    }
    Ok(case)
}

/// Repeats each element of a list `times` times. `{n}` is the number of the repetition, from 1.
fn several(list: Option<Value>, make: impl Fn(Value) -> Result<Value>) -> Result<Vec<Value>> {
    let mut all = Vec::new();
    for mut one in list.map_or(Ok(Vec::new()), from_value::<Vec<Value>>)? {
        let times = one.as_object_mut().and_then(|fields| fields.remove("times"));
        for n in 1..=times.map_or(Some(1), |times| times.as_u64()).ok_or("times is a count")? {
            all.push(make(crate::template::fill(one.clone(), &[("{n}".to_owned(), n.to_string())]))?);
        }
    }
    Ok(all)
}

fn call(mut call: Value, answered: Option<&(u16, Value)>, examples: &Examples) -> Result<Value> {
    let fields = call.as_object_mut().ok_or("a call is an object")?;
    let operation = fields.get("operation").map_or(Ok(Operation::Create), Operation::deserialize)?;
    fields.insert("operation".to_owned(), serde_json::to_value(operation)?);
    if let Some(request) = request(operation, fields, examples)? {
        fields.insert("request".to_owned(), request);
    }
    let result = fields.remove("result");
    if !fields.get("error").is_none_or(Value::is_null) {
        return Ok(call);
    }
    let is_one_page = fields.contains_key("page");
    let result = match result {
        Some(Value::Null) => Value::Null,
        given => {
            let base = expected(operation, is_one_page, answered, examples)?;
            given.map_or(Ok(Template::default()), from_value)?.apply(&base)?
        }
    };
    let status = match (operation, answered) {
        (Operation::List | Operation::ListProviders, _) if !is_one_page => Value::Null,
        (_, Some((status, _))) => (*status).into(),
        (Operation::Create, _) => 201.into(),
        (Operation::Ensure, _) if result["action"] == "created" => 201.into(),
        (Operation::Validate | Operation::Update | Operation::SendTest, _) => 204.into(),
        _ => 200.into(),
    };
    let is_read = matches!(operation, Operation::Get | Operation::List | Operation::FindCreated | Operation::Ensure);
    let mut default = |name: &str, value: Value| {
        fields.entry(name).or_insert(value);
    };
    default("status", status);
    // A response from the case has a known ID.
    default("id_from_journal", (operation == Operation::Create && answered.is_none()).into());
    default("only", if is_read && answered.is_none() { SENT.into() } else { Value::Null });
    default("result", result);
    Ok(call)
}

/// Returns the request of a call, which has a different name for each operation.
fn request(operation: Operation, fields: &mut Map<String, Value>, examples: &Examples) -> Result<Option<Value>> {
    let mut take = |name| fields.remove(name);
    let request = match operation {
        Operation::Create | Operation::Validate | Operation::Ensure => take("request").unwrap_or_else(|| json!({})),
        Operation::SendTest => {
            return take("request").map(|it| from_value::<Template>(it)?.apply(&examples.request)).transpose();
        }
        Operation::Update => return Ok(Some(take("update").ok_or("an update has an `update`")?)),
        Operation::List | Operation::ListProviders => return Ok(Some(take("filters").unwrap_or_else(|| json!({})))),
        Operation::Get | Operation::FindCreated => return Ok(None),
    };
    from_value::<Template>(request)?.apply(&examples.request).map(Some)
}

/// Returns the base of a result.
fn expected(
    operation: Operation,
    is_one_page: bool,
    answered: Option<&(u16, Value)>,
    examples: &Examples,
) -> Result<Value> {
    let body = answered.map(|(_, body)| body);
    Ok(match (operation, body) {
        (Operation::List | Operation::ListProviders, Some(body)) if is_one_page => {
            json!({ "total": body["total"], "items": body["items"] })
        }
        (Operation::List | Operation::ListProviders, Some(body)) => body["items"].clone(),
        (Operation::Validate | Operation::Update | Operation::SendTest, _) => Value::Null,
        (Operation::Ensure, _) => json!({ "action": "created", "integration": examples.created }),
        (_, Some(body)) => body.clone(),
        (_, None) => examples.created.clone(),
    })
}
