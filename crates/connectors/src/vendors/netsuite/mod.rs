//! NetSuite: SuiteTalk REST records and SuiteQL.
//!
//! Checked against: the sandbox of this project, whose dialect follows the vendor's published documents and
//! shares no code with this adapter; the two signers also against PyPI `oauthlib` and `PyJWT`. It has not
//! been run against NetSuite itself. What the vendor's documents leave open is said in the sheet.

mod adapter;
mod auth;
mod build;
mod chart;
mod client;
mod decode;
mod journal;
mod options;
mod poster;
mod sheet;
mod suiteql;

pub use adapter::NetSuiteConnection;
pub(super) use adapter::since;
pub use auth::{M2m, M2mAlgorithm, TokenAuth, assertion, tba_header};
pub(super) use build::build;
pub use options::{NetSuiteAuth, NetSuiteOptions};
pub use sheet::NETSUITE;
