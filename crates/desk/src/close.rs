//! Periods, the tie-out, the flows and the overview.

pub(crate) mod arithmetic;
pub mod bank;
pub mod blocking;
pub mod checklist;
pub mod clearing;
pub mod cockpit;
pub mod cut_off;
pub mod document_schedule;
pub mod flows;
pub mod home;
pub mod lines;
pub mod mapping_preview;
pub mod noting;
pub mod overview;
pub mod pace;
pub mod periods;
pub mod pilot;
pub mod population;
pub mod schedules;
pub mod signing;
pub mod tie_out;
