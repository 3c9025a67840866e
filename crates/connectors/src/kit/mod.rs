//! What every connection shares: secrets, one HTTP client per connection with its rate limiter, the
//! classification of failures, decoding of JSON without floats, and the evidence of a page.

mod classify;
mod fetch;
mod http;
mod json;
mod limiter;
mod page;
mod secret;
mod together;
mod trust;
mod unreachable;
mod world;

pub use classify::{Intent, Wire, Words, classify, retry_after};
pub use fetch::fetch;
pub use http::{
    Answer, Authorizer, Body, Call, Explain, Http, HttpOptions, NoAuth, check_base_url, transcript_parts,
};
pub use json::{Field, LARGEST_AMOUNT, amount_out_of_range, parse_decimal, parse_minor, within_limits};
pub use limiter::{Limit, Limiter, Pass, Rate, Snapshot};
pub use page::{PageBuilder, drift};
pub use secret::Secret;
pub use together::Together;
pub use trust::{Trusted, host_of, proxy_in_use};
pub use world::World;
