//! The client's option `lane`.

use ocamba_hood::{Lane, Tier};

use crate::options::{Options, Wrong};

/// Reads `lane`: a place, or an object with the place, the folder, and the tier.
pub fn read(options: &mut Options) -> Result<Option<Lane>, Wrong> {
    let Some(mut lane) = options.object_or("lane", "place")? else { return Ok(None) };
    let folder = lane.string("folder")?;
    let place = match (lane.string("place")?.as_deref(), folder) {
        (Some("shared") | None, Some(folder)) => Lane::shared_in(folder),
        (Some("shared") | None, None) => Lane::shared(),
        (Some("memory"), None) => Lane::memory(),
        (Some("off"), None) => Lane::off(),
        (_, Some(_)) => return Err(wrong("lane.folder", "goes with the place \"shared\" alone")),
        (Some(_), None) => return Err(wrong("lane", "must be one of \"shared\", \"memory\", \"off\"")),
    };
    let Tier { burst, steady } = Tier::default();
    let tier = Tier { burst: lane.count("burst")?.unwrap_or(burst), steady: lane.count("steady")?.unwrap_or(steady) };
    lane.end("place, folder, burst, steady")?;
    Ok(Some(place.tier(tier)))
}

fn wrong(name: &str, what: &str) -> Wrong {
    Wrong { name: name.to_owned(), what: what.to_owned() }
}
