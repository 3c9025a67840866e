//! What leaves the desk: files, the clipboard, the log as it is read.

pub mod access_review;
pub(crate) mod columns;
pub mod copying;
pub mod export;
pub mod exporting;
pub mod log_view;
pub(crate) mod parquet_file;
pub(crate) mod printing;
pub mod report;
pub mod review;
pub mod sheet;
