//! Periods, the tie-out, the flows and the overview.

pub mod clearing;
pub mod flows;
pub mod home;
pub mod lines;
pub mod mapping_preview;
pub mod overview;
pub mod periods;
pub mod population;
pub mod tie_out;
