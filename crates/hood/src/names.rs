//! One at a time for each name and provider: so that `ensure` never makes two.
//!
//! In this process by a lock in memory, among the processes of a user on a machine by a locked file, and among machines
//! through the lane's Redis, if it is there. All of them go with their holder, however that dies.
//!
//! What stays, in the file, is the doubt: that a create was sent, and its outcome is not known. Whoever has the name next
//! gives the server time to finish before it creates again.

use std::collections::HashMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::OwnedMutexGuard;
use tokio::time::{Instant, sleep, timeout_at};

use crate::find::millis;
use crate::lane::{self, Turnstile, hash, key};
use crate::{Error, Lane, Secret};

/// How many files stand for all names of an account: two that share one wait for each other without need.
const FILES: u8 = 64;
const WAIT: Duration = Duration::from_millis(5);
/// A doubt that is older means nothing: no server is at a request for so long.
const FORGOTTEN: Duration = Duration::from_secs(60 * 60);

/// The names of one account.
pub struct Names {
    account: String,
    folder: Option<PathBuf>,
}

/// A name that is nobody else's until this is dropped.
pub struct Alone {
    name: String,
    machine: Option<fs::File>,
    _process: OwnedMutexGuard<()>,
    #[cfg(feature = "redis")]
    _machines: Option<lane::Alone>,
}

impl Names {
    pub fn new(lane: &Lane, base_url: &str, token: &Secret) -> Self {
        let folder = lane.folder().map(Into::into).or_else(lane::user_folder);
        Self { account: key(base_url, token), folder }
    }

    /// Waits until nobody else has the name.
    pub async fn acquire(
        &self,
        #[cfg_attr(not(feature = "redis"), allow(unused_variables))] lane: &Turnstile,
        name: &str,
        provider_id: &str,
        deadline: Instant,
    ) -> Result<Alone, Error> {
        let name = hash(&[&self.account, name, provider_id]);
        let in_process = timeout_at(deadline, in_process(&name).lock_owned());
        let process = in_process.await.map_err(|_| lane::not_alone())?;
        let machine = self.on_machine(&name, deadline).await?;
        #[cfg(feature = "redis")]
        let machines = lane.alone(&name, deadline).await?;
        Ok(Alone {
            name,
            machine,
            _process: process,
            #[cfg(feature = "redis")]
            _machines: machines,
        })
    }

    /// A locked file. `None` where no file can be written: then only this process is guarded.
    async fn on_machine(&self, name: &str, deadline: Instant) -> Result<Option<fs::File>, Error> {
        let Some(folder) = &self.folder else { return Ok(None) };
        let number = name.bytes().fold(0_u8, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte)) % FILES;
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let path = folder.join(format!("names-{}-{number:02}", self.account));
        let opened = lane::private_folder(folder).and_then(|()| options.open(path));
        let file = match opened {
            Ok(file) => file,
            Err(error) => {
                tracing::warn!(%error, "no file can be locked: other processes may create what this one does");
                return Ok(None);
            }
        };
        // Only tried, never waited for: a holder that was stopped does not stop the others past their deadlines.
        while file.try_lock().is_err() {
            if Instant::now() >= deadline {
                return Err(lane::not_alone());
            }
            sleep(WAIT.mul_f64(0.5 + fastrand::f64())).await;
        }
        Ok(Some(file))
    }
}

impl Alone {
    /// When a create was sent of which nobody knows what became, if one was.
    pub fn in_doubt_since(&mut self) -> Option<SystemTime> {
        let doubts = self.doubts().unwrap_or_default();
        let millis = doubts.iter().find(|(name, _)| *name == self.name)?.1;
        Some(UNIX_EPOCH + Duration::from_millis(millis))
    }

    /// Notes that a create is about to be sent, or has ended with an unknown outcome; or that there is no doubt any more.
    pub fn set_doubt(&mut self, doubt: bool) {
        if let Err(error) = self.try_set_doubt(doubt) {
            tracing::warn!(%error, "it cannot be noted that a create is under way");
        }
    }

    fn try_set_doubt(&mut self, doubt: bool) -> io::Result<()> {
        let now = millis(SystemTime::now());
        let mut doubts = self.doubts()?;
        doubts.retain(|(name, at)| *name != self.name && now.saturating_sub(*at) < FORGOTTEN.as_millis() as u64);
        if doubt {
            doubts.push((self.name.clone(), now));
        }
        let text: String = doubts.iter().map(|(name, at)| format!("{name} {at}\n")).collect();
        let Some(file) = &mut self.machine else { return Ok(()) };
        file.set_len(0)?;
        file.seek(SeekFrom::Start(0))?;
        file.write_all(text.as_bytes())
    }

    /// Hashes of names, and when they came into doubt.
    fn doubts(&mut self) -> io::Result<Vec<(String, u64)>> {
        let mut text = String::new();
        let Some(file) = &mut self.machine else { return Ok(Vec::new()) };
        file.seek(SeekFrom::Start(0))?;
        file.read_to_string(&mut text)?;
        let doubt = |line: &str| line.split_once(' ').and_then(|(name, at)| Some((name.to_owned(), at.parse().ok()?)));
        Ok(text.lines().filter_map(doubt).collect())
    }
}

/// The lock of a name in this process, whichever client asks. A forked child has its own: it is another process.
fn in_process(name: &str) -> Arc<tokio::sync::Mutex<()>> {
    type Locks = Mutex<HashMap<(u32, String), Arc<tokio::sync::Mutex<()>>>>;
    static LOCKS: OnceLock<Locks> = OnceLock::new();
    let mut locks = LOCKS.get_or_init(Locks::default).lock().unwrap_or_else(PoisonError::into_inner);
    // Those that nobody holds or waits for are only here.
    locks.retain(|_, lock| Arc::strong_count(lock) > 1);
    locks.entry((std::process::id(), name.to_owned())).or_default().clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &str) -> (Names, Arc<Turnstile>) {
        let folder = std::env::temp_dir().join(format!("ocamba-names-{}-{folder}", std::process::id()));
        let (lane, url, token) = (Lane::shared_in(folder), "http://127.0.0.1:1", Secret::new("t"));
        (Names::new(&lane, url, &token), Turnstile::new(&Lane::off(), url, &token).expect("a lane"))
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_millis(50)
    }

    #[tokio::test]
    async fn a_name_is_one_holders_at_a_time() {
        let (names, lane) = names("one");
        let alone = names.acquire(&lane, "a", "1", soon()).await.expect("free");
        assert!(names.acquire(&lane, "a", "1", soon()).await.is_err());
        assert!(names.acquire(&lane, "a", "2", soon()).await.is_ok());
        drop(alone);
        assert!(names.acquire(&lane, "a", "1", soon()).await.is_ok());
    }

    #[tokio::test]
    async fn a_doubt_outlives_its_holder_and_is_of_one_name() {
        let (names, lane) = names("doubt");
        let mut alone = names.acquire(&lane, "a", "1", soon()).await.expect("free");
        assert_eq!(alone.in_doubt_since(), None);
        alone.set_doubt(true);
        drop(alone);
        let mut other = names.acquire(&lane, "b", "1", soon()).await.expect("free");
        assert_eq!(other.in_doubt_since(), None);
        drop(other);
        let mut again = names.acquire(&lane, "a", "1", soon()).await.expect("free");
        let since = again.in_doubt_since().expect("in doubt");
        assert!(since.elapsed().expect("past") < Duration::from_secs(10));
        again.set_doubt(false);
        assert_eq!(again.in_doubt_since(), None);
        drop(again);
        fs::remove_dir_all(names.folder.expect("a folder")).expect("removed");
    }

    #[tokio::test]
    async fn another_process_is_waited_for() {
        let (names, lane) = names("other");
        let folder = names.folder.clone().expect("a folder");
        drop(names.acquire(&lane, "a", "1", soon()).await.expect("free"));
        let path = fs::read_dir(&folder).expect("a folder").flatten().next().expect("a file").path();
        let other = fs::File::open(path).expect("a file");
        other.lock().expect("locked");
        assert!(names.acquire(&lane, "a", "1", soon()).await.is_err());
        drop(other);
        assert!(names.acquire(&lane, "a", "1", soon()).await.is_ok());
        fs::remove_dir_all(folder).expect("removed");
    }
}
