//! What leaves the desk: files, the clipboard, the log as it is read.

pub mod copying;
pub mod export;
pub mod exporting;
pub mod log_view;
pub mod report;
pub mod review;
