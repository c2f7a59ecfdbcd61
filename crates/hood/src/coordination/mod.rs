//! What the processes and machines of one account share: the rate limit, and the locks of names. It knows the account, the
//! files of a private folder and Redis, and nothing of requests.

mod account;
mod background;
mod doubts;
mod line_file;
mod made;
mod name_lock;
mod name_lock_file;
pub(crate) mod private_folder;
mod process_wide;
mod rate_limit;
#[cfg(feature = "redis")]
mod redis_connection;
#[cfg(feature = "redis")]
mod redis_names;
mod warnings;

pub use account::Account;
pub use doubts::CreateId;
pub use name_lock::{MadeSince, NameLockGuard, NameLocks};
pub use rate_limit::{IfUnavailable, Permit, RateLimit, RateLimitHint, RateLimitStatus, RateLimiter, Tier};
pub use warnings::take_warning;
