//! Locks of names: one `ensure` at a time for each name and provider, so that it never creates two.
//!
//! A lock is held in this process by a mutex, among the processes of a user on a machine by a locked file, and among
//! machines through the rate limit's Redis, if there is one. All of them end with their holder, however that dies.
//!
//! The file keeps a doubt: a create was sent, and its outcome is unknown. The next holder of the name gives the server time
//! to finish before it creates again.

use std::collections::HashMap;
use std::fs;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::OwnedMutexGuard;
use tokio::time::{Instant, sleep, timeout_at};

use super::account::Account;
use super::private_folder;
#[cfg(feature = "redis")]
use super::rate_limit::IfUnavailable;
use super::rate_limit::RateLimit;
#[cfg(feature = "redis")]
use super::{redis_connection::RedisConnection, redis_lock};
use crate::clock::millis;
use crate::error::{Error, ErrorKind, Outcome};

/// Number of files for all names of an account. Two names in one file wait for each other, without need.
const FILES: u8 = 64;
/// Time between two attempts to lock a file.
const WAIT: Duration = Duration::from_millis(5);
/// Age at which a doubt is forgotten: no server works on a request for so long.
const FORGOTTEN: Duration = Duration::from_secs(60 * 60);

/// The locks of one account's names.
pub struct NameLocks {
    account: Account,
    folder: Option<PathBuf>,
    #[cfg(feature = "redis")]
    redis: Option<(RedisConnection, IfUnavailable)>,
}

/// Lock of a name, released when it is dropped.
pub struct NameLockGuard {
    key: String,
    file: Option<fs::File>,
    _in_process: OwnedMutexGuard<()>,
    #[cfg(feature = "redis")]
    _in_redis: Option<redis_lock::RedisLockGuard>,
}

impl NameLocks {
    pub fn new(rate_limit: &RateLimit, account: &Account) -> Result<Self, Error> {
        Ok(Self {
            account: account.clone(),
            folder: rate_limit.folder().map(Into::into).or_else(private_folder::user_folder),
            #[cfg(feature = "redis")]
            redis: match rate_limit.redis_url() {
                Some(url) => Some((RedisConnection::new(url)?, rate_limit.if_unavailable)),
                None => None,
            },
        })
    }

    /// Waits until no other call holds the name.
    pub async fn acquire(&self, name: &str, provider_id: &str, deadline: Instant) -> Result<NameLockGuard, Error> {
        let key = self.account.name_key(name, provider_id);
        let in_process = timeout_at(deadline, in_process(&key).lock_owned()).await.map_err(|_| timed_out())?;
        let file = self.lock_file(&key, deadline).await?;
        Ok(NameLockGuard {
            #[cfg(feature = "redis")]
            _in_redis: self.lock_in_redis(&key, deadline).await?,
            key,
            file,
            _in_process: in_process,
        })
    }

    /// Locks a file. `None` where no file can be written: then only this process is guarded.
    async fn lock_file(&self, key: &str, deadline: Instant) -> Result<Option<fs::File>, Error> {
        let Some(folder) = &self.folder else { return Ok(None) };
        let number = key.bytes().fold(0_u8, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte)) % FILES;
        let path = folder.join(format!("names-{}-{number:02}", self.account.key()));
        let file = match private_folder::create(folder).and_then(|()| private_folder::open(&path)) {
            Ok(file) => file,
            Err(error) => {
                tracing::warn!(%error, "no file can be locked; other processes may create the same integration");
                return Ok(None);
            }
        };
        // Never blocks: a stopped holder must not keep others past their deadlines.
        while file.try_lock().is_err() {
            if Instant::now() >= deadline {
                return Err(timed_out());
            }
            sleep(WAIT.mul_f64(0.5 + fastrand::f64())).await;
        }
        Ok(Some(file))
    }

    /// Locks the name among all machines. `None` without Redis, and where it is unavailable and memory may be used.
    #[cfg(feature = "redis")]
    async fn lock_in_redis(&self, key: &str, deadline: Instant) -> Result<Option<redis_lock::RedisLockGuard>, Error> {
        let Some((redis, if_unavailable)) = &self.redis else { return Ok(None) };
        let key = format!("{{ocamba-hood-{}}}:name:{key}", self.account.key());
        match redis_lock::acquire(redis, key, deadline).await {
            Ok(Some(guard)) => Ok(Some(guard)),
            Ok(None) => Err(timed_out()),
            Err(_) if *if_unavailable == IfUnavailable::UseMemory => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn timed_out() -> Error {
    let message = "timed out waiting for another call that ensures this name and provider";
    Error::new(ErrorKind::Timeout, Outcome::NotSent, message)
}

impl NameLockGuard {
    /// Returns the time of a create whose outcome is unknown, if there is one.
    pub fn in_doubt_since(&mut self) -> Option<SystemTime> {
        let doubts = self.doubts().unwrap_or_default();
        let millis = doubts.iter().find(|(key, _)| *key == self.key)?.1;
        Some(UNIX_EPOCH + Duration::from_millis(millis))
    }

    /// Notes that a create is being sent or has an unknown outcome; or that its outcome is known.
    pub fn set_doubt(&mut self, doubt: bool) {
        if let Err(error) = self.try_set_doubt(doubt) {
            tracing::warn!(%error, "the state of a create could not be written; another call may create it again too early");
        }
    }

    fn try_set_doubt(&mut self, doubt: bool) -> io::Result<()> {
        let now = millis(SystemTime::now());
        let mut doubts = self.doubts()?;
        doubts.retain(|(key, at)| *key != self.key && now.saturating_sub(*at) < FORGOTTEN.as_millis() as u64);
        if doubt {
            doubts.push((self.key.clone(), now));
        }
        let text: String = doubts.iter().map(|(name, at)| format!("{name} {at}\n")).collect();
        let Some(file) = &mut self.file else { return Ok(()) };
        file.set_len(0)?;
        file.seek(SeekFrom::Start(0))?;
        file.write_all(text.as_bytes())
    }

    /// Reads the hashes of names in doubt, and their times.
    fn doubts(&mut self) -> io::Result<Vec<(String, u64)>> {
        let mut text = String::new();
        let Some(file) = &mut self.file else { return Ok(Vec::new()) };
        file.seek(SeekFrom::Start(0))?;
        file.read_to_string(&mut text)?;
        let doubt = |line: &str| line.split_once(' ').and_then(|(name, at)| Some((name.to_owned(), at.parse().ok()?)));
        Ok(text.lines().filter_map(doubt).collect())
    }
}

/// Returns the lock of a name in this process, for all its clients. A forked child has its own: it is another process.
fn in_process(name: &str) -> Arc<tokio::sync::Mutex<()>> {
    type Locks = Mutex<HashMap<(u32, String), Arc<tokio::sync::Mutex<()>>>>;
    static LOCKS: OnceLock<Locks> = OnceLock::new();
    let mut locks = LOCKS.get_or_init(Locks::default).lock().unwrap_or_else(PoisonError::into_inner);
    // Locks that nobody holds or waits for have no other reference.
    locks.retain(|_, lock| Arc::strong_count(lock) > 1);
    locks.entry((std::process::id(), name.to_owned())).or_default().clone()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    fn locks(folder: &str) -> NameLocks {
        let folder = std::env::temp_dir().join(format!("ocamba-names-{}-{folder}", std::process::id()));
        let account = Account::new("http://127.0.0.1:1", &Secret::new("t"));
        NameLocks::new(&RateLimit::shared_in(folder), &account).expect("locks")
    }

    /// Takes a lock that is free, however busy the machine is.
    async fn acquired(locks: &NameLocks, name: &str, provider_id: &str) -> NameLockGuard {
        let deadline = Instant::now() + Duration::from_secs(60);
        locks.acquire(name, provider_id, deadline).await.expect("free")
    }

    /// Fails to take a lock that is held.
    async fn assert_held(locks: &NameLocks, name: &str, provider_id: &str) {
        let deadline = Instant::now() + Duration::from_millis(20);
        assert!(locks.acquire(name, provider_id, deadline).await.is_err());
    }

    #[tokio::test]
    async fn name_has_one_holder_at_a_time() {
        let locks = locks("one");
        let holder = acquired(&locks, "a", "1").await;
        assert_held(&locks, "a", "1").await;
        drop(acquired(&locks, "a", "2").await);
        drop(holder);
        drop(acquired(&locks, "a", "1").await);
        fs::remove_dir_all(locks.folder.expect("a folder")).expect("removed");
    }

    #[tokio::test]
    async fn doubt_outlives_its_holder_and_belongs_to_one_name() {
        let locks = locks("doubt");
        let mut holder = acquired(&locks, "a", "1").await;
        assert_eq!(holder.in_doubt_since(), None);
        holder.set_doubt(true);
        drop(holder);
        assert_eq!(acquired(&locks, "b", "1").await.in_doubt_since(), None);
        let mut next = acquired(&locks, "a", "1").await;
        let since = next.in_doubt_since().expect("in doubt");
        assert!(since <= SystemTime::now() && since.elapsed().expect("past") < FORGOTTEN);
        next.set_doubt(false);
        assert_eq!(next.in_doubt_since(), None);
        drop(next);
        fs::remove_dir_all(locks.folder.expect("a folder")).expect("removed");
    }

    #[tokio::test]
    async fn file_lock_of_another_process_is_respected() {
        let locks = locks("other");
        let folder = locks.folder.clone().expect("a folder");
        drop(acquired(&locks, "a", "1").await);
        let path = fs::read_dir(&folder).expect("a folder").flatten().next().expect("a file").path();
        let other = fs::File::open(path).expect("a file");
        other.lock().expect("locked");
        assert_held(&locks, "a", "1").await;
        drop(other);
        drop(acquired(&locks, "a", "1").await);
        fs::remove_dir_all(folder).expect("removed");
    }
}
