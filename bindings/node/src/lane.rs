//! The client's option `lane`.

use ocamba_hood::{RateLimit, Tier};

use crate::options::{Options, Wrong};

const PLACES: &str = "must be one of \"shared\", \"memory\", \"off\", or a URL like redis://host:6379";

/// Reads `lane`: a place, or an object with the place, the folder, and the tier.
pub fn read(options: &mut Options) -> Result<Option<RateLimit>, Wrong> {
    let Some(mut lane) = options.object_or("lane", "place")? else { return Ok(None) };
    let folder = lane.string("folder")?;
    let place = match (lane.string("place")?.as_deref(), folder) {
        (Some("shared") | None, Some(folder)) => RateLimit::shared_in(folder),
        (Some("shared") | None, None) => RateLimit::shared(),
        (_, Some(_)) => return Err(wrong("lane.folder", "goes with the place \"shared\" alone")),
        // What it is is not quoted: the URL may hold a password.
        (Some(place), None) => place.parse().map_err(|_| wrong("lane", PLACES))?,
    };
    let Tier { burst, steady } = Tier::default();
    let tier = Tier { burst: lane.count("burst")?.unwrap_or(burst), steady: lane.count("steady")?.unwrap_or(steady) };
    lane.end("place, folder, burst, steady")?;
    Ok(Some(place.tier(tier)))
}

fn wrong(name: &str, what: &str) -> Wrong {
    Wrong { name: name.to_owned(), what: what.to_owned() }
}
