//! The command line.

/// What `--help` says.
pub const USAGE: &str = "\
Usage: tieout-app [WORKSPACE.tieoutdb | tieout://exception/ID | FILE] [--demo] [--safe-graphics]

  WORKSPACE.tieoutdb       opens this workspace
  tieout://exception/ID    shows this exception
  FILE                     shows this export of a billing system or a ledger, to be imported
  --demo                   opens the demo at once, a simulated company
  --safe-graphics          draws without the graphics card, for machines where the window stays empty
  --version                says the version

A second start hands its arguments to the window that is already open. TIEOUT_LOG (error, warn, info, debug,
trace) says how much is logged.";

/// What the program was started with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arguments {
    /// A workspace or a link to open.
    pub open: Option<String>,
    /// Open the demo.
    pub demo: bool,
    /// Draw without the graphics card.
    pub safe_graphics: bool,
}

/// What the command line turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub enum Parsed {
    /// Start with these.
    Run(Arguments),
    /// Print this and end.
    Say(String),
    /// Refuse, for this reason.
    Wrong(String),
}

impl Arguments {
    /// Reads the command line, the program's name left out.
    pub fn parse(words: impl IntoIterator<Item = String>) -> Parsed {
        let mut found = Self::default();
        for word in words {
            match word.as_str() {
                "--demo" => found.demo = true,
                "--safe-graphics" => found.safe_graphics = true,
                "--help" | "-h" => return Parsed::Say(USAGE.to_owned()),
                "--version" | "-V" => {
                    return Parsed::Say(format!("tieout-app {}", env!("CARGO_PKG_VERSION")));
                }
                option if option.starts_with('-') => {
                    return Parsed::Wrong(format!("unknown option {option}"));
                }
                _ if found.open.is_some() => {
                    return Parsed::Wrong("one workspace or link at a time".to_owned());
                }
                _ => found.open = Some(word),
            }
        }
        Parsed::Run(found)
    }

    /// What a second start was given in the folder `from`, as seen from here: a relative path is one there.
    pub fn forwarded(words: Vec<String>, from: &str) -> Self {
        match Self::parse(words.into_iter().skip(1)) {
            Parsed::Run(arguments) => arguments.seen_from(std::path::Path::new(from)),
            Parsed::Say(_) | Parsed::Wrong(_) => Self::default(),
        }
    }

    /// The same with a path that does not depend on the working folder.
    pub fn seen_from(mut self, folder: &std::path::Path) -> Self {
        self.open = self.open.map(|what| {
            if what.contains("://") { what } else { folder.join(&what).to_string_lossy().into_owned() }
        });
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Parsed {
        Arguments::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn a_file_or_a_link_is_opened_and_options_stand_anywhere() {
        let open = |what: &str| Arguments { open: Some(what.to_owned()), ..Arguments::default() };
        assert_eq!(parse(""), Parsed::Run(Arguments::default()));
        assert_eq!(parse("a.tieoutdb"), Parsed::Run(open("a.tieoutdb")));
        assert_eq!(
            parse("--demo tieout://exception/exc_1 --safe-graphics"),
            Parsed::Run(Arguments { demo: true, safe_graphics: true, ..open("tieout://exception/exc_1") })
        );
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        assert_eq!(parse("--deom"), Parsed::Wrong("unknown option --deom".to_owned()));
        assert!(matches!(parse("a.tieoutdb b.tieoutdb"), Parsed::Wrong(_)));
    }

    #[test]
    fn a_second_start_means_the_file_in_its_own_folder() {
        let words = ["tieout-app", "books.tieoutdb"].map(str::to_owned).to_vec();
        let there = std::path::Path::new("there").join("books.tieoutdb");
        assert_eq!(Arguments::forwarded(words, "there").open.as_deref(), there.to_str());
        let words = ["tieout-app", "tieout://exception/exc_1"].map(str::to_owned).to_vec();
        assert_eq!(Arguments::forwarded(words, "there").open.as_deref(), Some("tieout://exception/exc_1"));
    }
}
