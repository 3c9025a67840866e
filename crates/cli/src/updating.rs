//! `tieout update`: what the administrator's place for releases tells. Nothing is installed.

use tieout_desk::intake::releases;

use crate::{admin_verbs::UpdateVerb, args::Format, failure::Ran, render};

/// Looks for news of releases.
pub fn run(format: Format, verb: &UpdateVerb) -> Ran {
    match verb {
        UpdateVerb::Check => {
            let news = releases::news()?;
            render::object(format, &news)?;
            if news.state == "off" && format == Format::Table {
                eprintln!("This machine's administrator names no place for news: nothing was looked for.");
            }
            Ok(())
        }
    }
}
