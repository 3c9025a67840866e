//! Periods, the tie-out, the flows and the overview.

pub mod flow_late;
pub mod overview;
pub mod periods;
pub mod population;
pub mod tie_out;
