//! NetSuite: SuiteTalk REST records and SuiteQL.
//!
//! Checked against: the sandbox of this project, whose dialect follows the vendor's published documents and
//! shares no code with this adapter; the two signers also against PyPI `oauthlib` and `PyJWT`. It has not
//! been run against NetSuite itself. What the vendor's documents leave open is said in the sheet.

mod adapter;
mod auth;
mod balances;
mod build;
mod capabilities;
mod chart;
mod client;
mod connection;
mod decode;
mod journal;
mod options;
mod poster;
mod scan;
mod sheet;
mod suiteql;

pub use auth::{M2m, M2mAlgorithm, TokenAuth, assertion, tba_header};
pub(super) use build::build;
pub use connection::NetSuiteConnection;
pub use options::{NetSuiteAuth, NetSuiteOptions};
pub(super) use scan::since;
pub use sheet::NETSUITE;
