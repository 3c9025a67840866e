//! Drives the real window: the program itself on a screen of its own, through WebKit's WebDriver.
//!
//! Everything waits for what the page shows; nothing sleeps for a guessed time. Only the start of a session
//! is tried again, because WebKitWebDriver now and then loses its first connection to the program.

mod app;
mod bus;
mod desk;
mod desktop;
mod display;
mod driver;
mod page;
mod process;
mod surroundings;
mod tree;

pub use app::program;
pub use bus::Keyring;
pub use desk::{PageScreen, screens};
pub use desktop::Desktop;
pub use display::Screen;
pub use driver::{Start, Window, free_port, listening};
pub use page::{Axe, Key};
pub use process::Process;
pub use surroundings::Surroundings;
pub use tree::Tree;
