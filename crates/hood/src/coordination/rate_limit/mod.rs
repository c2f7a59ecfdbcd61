//! The rate limit of one account, shared by all who use it: pure rules, a state, and three places to keep it (the memory of
//! one client, a file for the processes of a user, Redis for all machines). Where file or Redis fail, the memory of the
//! process takes their place.

mod config;
mod encoding;
mod fallback;
mod file;
mod memory;
mod rate_limiter;
#[cfg(feature = "redis")]
mod redis;
mod rules;
mod unavailable;

pub use config::{IfUnavailable, RateLimit, Tier};
pub use rate_limiter::{Permit, RateLimitStatus, RateLimiter};
pub use rules::RateLimitHint;
