//! Time by two clocks: the wall clock may be set at any time, so decisions need a clock that nobody sets.

use std::hash::{BuildHasher, RandomState};
use std::sync::OnceLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Whether the steady clock counts the time for which the machine sleeps.
const COUNTS_SLEEP: bool = cfg!(target_os = "linux");
/// Maximum difference of the two clocks, where they confirm that the machine did not sleep.
const TOLERANCE: u64 = 1_000;

/// A point in time by the wall clock, for people, and by a steady clock. Other processes can read it as JSON.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Moment {
    /// Milliseconds since 1970.
    wall: u64,
    /// Milliseconds since the start of the steady clock.
    steady: u64,
    /// The steady clock; none for that of this process, whose name is needed only in other processes.
    #[serde(serialize_with = "serialize_name", deserialize_with = "deserialize_name")]
    clock: Option<String>,
}

impl Moment {
    /// Returns the current moment.
    pub fn now() -> Self {
        Self { wall: millis(SystemTime::now()), steady: whole_millis(steady_time()), clock: None }
    }

    /// Returns the time since then. None where only the wall clock could tell: on another machine, after a restart, or
    /// where the machine may have slept and the steady clock does not count that.
    pub fn elapsed(&self) -> Option<Duration> {
        self.until(&Self::now(), COUNTS_SLEEP)
    }

    /// Returns the longest time until a later moment of this process that any clock tells.
    pub fn longest_until(&self, later: &Self) -> Duration {
        Duration::from_millis(later.wall.saturating_sub(self.wall).max(later.steady.saturating_sub(self.steady)))
    }

    /// Returns the time by the wall clock.
    pub fn wall(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(self.wall)
    }

    fn until(&self, later: &Self, counts_sleep: bool) -> Option<Duration> {
        let steady = later.steady.checked_sub(self.steady)?;
        let agrees = || later.wall.checked_sub(self.wall).is_some_and(|wall| wall.abs_diff(steady) <= TOLERANCE);
        (self.clock() == later.clock() && (counts_sleep || agrees())).then_some(Duration::from_millis(steady))
    }

    fn clock(&self) -> &str {
        self.clock.as_deref().unwrap_or_else(|| own_clock())
    }
}

fn serialize_name<S: Serializer>(name: &Option<String>, serializer: S) -> Result<S::Ok, S::Error> {
    name.as_deref().unwrap_or_else(|| own_clock()).serialize(serializer)
}

fn deserialize_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    String::deserialize(deserializer).map(Some)
}

/// Returns the name of the steady clock, which all processes have in common that can compare their times.
fn own_clock() -> &'static str {
    static NAME: OnceLock<String> = OnceLock::new();
    NAME.get_or_init(|| machine_clock().unwrap_or_else(|| format!("process {:016x}", RandomState::new().hash_one(()))))
}

#[cfg(target_os = "linux")]
fn machine_clock() -> Option<String> {
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    // In another namespace the clock has another start. An old kernel has none.
    let namespace = std::fs::read_link("/proc/self/ns/time").unwrap_or_default();
    Some(format!("{} {}", boot.trim(), namespace.display()))
}

#[cfg(not(target_os = "linux"))]
fn machine_clock() -> Option<String> {
    None
}

#[cfg(target_os = "linux")]
fn steady_time() -> Duration {
    rustix::time::clock_gettime(rustix::time::ClockId::Boottime).try_into().unwrap_or_default()
}

#[cfg(not(target_os = "linux"))]
fn steady_time() -> Duration {
    static START: OnceLock<std::time::Instant> = OnceLock::new();
    START.get_or_init(std::time::Instant::now).elapsed()
}

/// Returns a time of the wall clock in milliseconds since 1970.
pub fn millis(time: SystemTime) -> u64 {
    whole_millis(time.duration_since(UNIX_EPOCH).unwrap_or_default())
}

fn whole_millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(wall: u64, steady: u64, clock: Option<&str>) -> Moment {
        Moment { wall, steady, clock: clock.map(str::to_owned) }
    }

    #[test]
    fn elapsed_time_ignores_a_wall_clock_that_is_set() {
        let began = moment(1_000_000, 5_000, None);
        for wall in [0, 400_000, 1_000_000, 1_007_000, 1_600_000] {
            assert_eq!(began.until(&moment(wall, 12_000, None), true), Some(Duration::from_secs(7)), "{wall}");
        }
    }

    #[test]
    fn elapsed_time_is_unknown_without_a_common_clock() {
        let began = moment(1_000_000, 5_000, Some("another"));
        assert_eq!(began.until(&moment(1_007_000, 12_000, None), true), None);
        assert_eq!(began.until(&moment(1_007_000, 12_000, Some("another")), true), Some(Duration::from_secs(7)));
        assert_eq!(began.until(&moment(1_007_000, 4_999, Some("another")), true), None);
    }

    #[test]
    fn elapsed_time_is_unknown_when_the_machine_may_have_slept() {
        let began = moment(1_000_000, 5_000, None);
        for (wall, expected) in [(1_007_500, Some(7)), (1_006_000, Some(7)), (1_009_000, None), (400_000, None)] {
            let elapsed = began.until(&moment(wall, 12_000, None), false);
            assert_eq!(elapsed, expected.map(Duration::from_secs), "{wall}");
        }
    }

    #[test]
    fn moment_can_be_read_by_another_process() {
        let text = serde_json::to_string(&Moment::now()).expect("JSON");
        let read: Moment = serde_json::from_str(&text).expect("a moment");
        assert!(
            read.clock.is_some() && read.elapsed().is_some_and(|elapsed| elapsed < Duration::from_secs(60)),
            "{text}"
        );
        assert!(serde_json::from_str::<Moment>(r#"{"wall": 1, "steady": 1}"#).is_err());
    }
}
