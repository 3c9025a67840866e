//! Files that leave a workspace and are read where nothing of it is known but a key: packets, decisions,
//! rosters, people's cards, binders. Pure: bytes in, what they say or why they are not believed out.
//!
//! Each is canonical JSON ([`canonical`]), alone or in a zip with what it names by its hash ([`container`]),
//! under one signature (ed25519) over SHA-256 of its format's name and its bytes.

pub mod binder;
pub mod canonical;
pub mod card;
pub mod container;
pub mod decisions;
pub mod exported;
pub mod fault;
pub mod packet;
pub mod roster;
pub mod signed;
pub mod tree;
