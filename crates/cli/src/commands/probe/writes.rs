//! The questions that only a create can answer.

use std::cell::OnceCell;
use std::time::{Duration, SystemTime};

use ocamba_hood::{Operation, Outcome, ProviderInfo, SettingKind, printable, providers, text_of_id};
use serde_json::{Map, Value, json};
use tokio::time::{Instant, sleep};

use super::answers::{Answers, Found};
use super::ask::{Asker, INTEGRATIONS};
use super::reads;
use crate::shared::calls;
use crate::shared::error_hints::{CommandContext, Effect};
use crate::shared::failure::{Exit, Failure};
use crate::shared::options::Global;

/// Time for which a list is watched until it has the integration.
const LAG: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(500);

/// Returns the request of the one integration, with made-up settings. Its name begins and ends with a blank and has capital
/// letters, to see whether names are stored unchanged.
pub fn request() -> Value {
    let moment = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default().as_millis();
    let value = |kind: SettingKind, one_of: &[&str]| match (kind, one_of) {
        (_, [first, ..]) => json!(first),
        (SettingKind::Integer | SettingKind::Number, _) => json!(1),
        (SettingKind::Boolean, _) => json!(false),
        _ => json!("probe"),
    };
    // The one with the fewest settings, so that little is made up.
    let provider: Option<&ProviderInfo> = providers().iter().min_by_key(|provider| provider.settings.len());
    let required = provider.into_iter().flat_map(|it| it.settings).filter(|setting| setting.required);
    let settings = required.map(|it| (it.name.to_owned(), value(it.kind, it.one_of)));
    json!({
        "name": format!(" Ocamba Probe {moment} "),
        "provider_id": provider.map(|it| it.id),
        "settings": settings.collect::<Map<_, _>>(),
        "status": "active",
    })
}

/// Creates the integration, and watches what becomes of it. Returns it.
pub async fn create(
    asker: &mut Asker<'_>,
    request: &Value,
    answers: &mut Answers,
    global: &Global,
) -> Result<Value, Failure> {
    let effect = Effect {
        none: "nothing was created",
        possible: "the integration may have been created",
        applied: "the integration was created",
        after_unknown: "look for a name that begins with 'Ocamba Probe' before you run the probe again".to_owned(),
        after_applied: "look for a name that begins with 'Ocamba Probe'".to_owned(),
    };
    let context = CommandContext { source: "the probe", permission: "create integrations", effect: Some(effect) };
    let created = OnceCell::new();
    let watched = watched(asker, request, answers, &context, &created);
    let watched = calls::unless_interrupted(global, &context, watched).await;
    watched.unwrap_or_else(|interrupted| Err(created.get().map_or(interrupted, |id| interrupted_watch(id))))
}

/// Reports an interruption after the integration was created.
fn interrupted_watch(id: &str) -> Failure {
    Failure::other("interrupted while a list was watched for the integration")
        .outcome(Outcome::Applied)
        .note("outcome", format!("the integration was created; its ID is {}", printable(id)))
        .hint("the probe can be run again; without --write, it only reads")
}

async fn watched(
    asker: &mut Asker<'_>,
    request: &Value,
    answers: &mut Answers,
    context: &CommandContext<'_>,
    created_id: &OnceCell<String>,
) -> Result<Value, Failure> {
    let created = asker.send(Operation::raw("POST", INTEGRATIONS, Some(request.to_string())), context).await?;
    let id = text_of_id(&created.body["id"]).filter(|_| created.is_success()).ok_or_else(|| {
        let message = format!("the create of the probe's integration got a {}, without an id", created.status);
        Failure::new(Exit::Failed, message).hint("without --write, the probe only reads")
    })?;
    let id = created_id.get_or_init(|| id);
    answers.add("create_status", Found::is(created.status));
    answers.add("list_lag", lag(asker, id).await?);
    let stored = asker.get(&format!("{INTEGRATIONS}/{id}"), &[("view", "full")]).await?.body;
    answers.add("names", name(request["name"].as_str().unwrap_or_default(), &stored["name"]));
    let time = stored["create_time"].as_str().and_then(reads::parsed).zip(created.date);
    answers.add(
        "create_time",
        match time {
            Some((time, date)) if off(time, date) <= Duration::from_secs(60) => Found::is("gmt"),
            Some(_) => Found::is("local"),
            None => reads::form_of_time(&stored["create_time"], false),
        },
    );
    Ok(stored)
}

/// Watches a list until it has the integration.
async fn lag(asker: &mut Asker<'_>, id: &str) -> Result<Found, Failure> {
    let started = Instant::now();
    let mut is_first = true;
    while started.elapsed() < LAG {
        if newest(asker).await?.iter().any(|it| it == id) {
            return Ok(Found::is(if is_first { "none" } else { "seconds" }));
        }
        is_first = false;
        sleep(PAUSE).await;
    }
    Ok(Found::Other(format!("it lags behind by more than {} s", LAG.as_secs())))
}

/// Returns the ids of the newest integrations, also where the server does not sort.
async fn newest(asker: &mut Asker<'_>) -> Result<Vec<String>, Failure> {
    let sorted = asker.list(&[("sort", "-id"), ("page", "1,20")]).await?;
    let is_sorted = sorted.is_success() && sorted.ids().iter().rev().is_sorted_by_key(|id| id.parse::<u64>().ok());
    let mut ids = sorted.ids();
    for page in (1..).take_while(|_| !is_sorted) {
        let seen = asker.list(&[("page", &format!("{page},100"))]).await?;
        if seen.items().is_empty() {
            break;
        }
        ids.extend(seen.ids());
    }
    Ok(ids)
}

fn name(sent: &str, stored: &Value) -> Found {
    match stored.as_str() {
        Some(stored) if stored == sent => Found::is("exact"),
        Some(stored) if stored == sent.trim() => Found::is("trimmed"),
        Some(stored) if stored == sent.to_lowercase() => Found::is("lower"),
        _ => Found::Other("in another form".into()),
    }
}

fn off(one: SystemTime, other: SystemTime) -> Duration {
    one.duration_since(other).unwrap_or_else(|error| error.duration())
}
