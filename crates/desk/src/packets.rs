//! What travels to other installations and comes back from them: packets of postings for a reviewer, their
//! decisions, and the binder of a period. How such files are made and checked is `tieout_evidence`'s; two
//! installations share nothing but a roster ([`crate::access::rosters`]).

pub mod binder;
mod binder_parts;
mod binder_sheet;
pub mod deciding;
pub(crate) mod items;
pub mod listing;
pub(crate) mod reading;
pub mod sending;
pub(crate) mod sheet;
pub mod taking_in;
