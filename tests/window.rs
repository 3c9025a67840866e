//! The real window, driven through WebKit's WebDriver on a screen of its own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "window/access.rs"]
mod access;
#[path = "window/administration.rs"]
mod administration;
#[path = "common/binary.rs"]
mod binary;
#[path = "window/connecting.rs"]
mod connecting;
#[path = "window/graphics.rs"]
mod graphics;
#[path = "schedules/house.rs"]
#[allow(dead_code)]
mod house;
#[path = "window/importing.rs"]
mod importing;
#[path = "window/journeys.rs"]
mod journeys;
#[path = "window/keeping.rs"]
mod keeping;
#[path = "window/keyring.rs"]
mod keyring;
#[path = "window/late.rs"]
mod late;
#[path = "window/manners.rs"]
mod manners;
#[path = "window/matching.rs"]
mod matching;
#[path = "window/month_end.rs"]
mod month_end;
#[path = "window/packets.rs"]
mod packets;
#[path = "window/reviewing.rs"]
mod reviewing;
#[path = "window/schedules.rs"]
mod schedules;
#[path = "window/shell.rs"]
mod shell;
#[path = "window/today.rs"]
mod today;
