//! Postings: planned, proposed, decided, rerouted, reversed, sent.

pub mod batch;
pub mod by_policy;
mod consent;
pub mod decide;
mod destination;
pub mod draft;
pub mod elsewhere;
mod ground;
pub mod half_booked;
pub mod handover;
pub mod handover_views;
pub mod late_rules;
pub mod overrides;
pub mod plan;
pub mod post;
pub mod posting_pages;
pub mod posting_view;
pub mod preview;
pub mod previewing;
pub mod propose;
pub mod renew;
pub mod reroute;
pub mod reverse;
pub mod simulate;
pub(crate) mod three_periods;
mod within;
