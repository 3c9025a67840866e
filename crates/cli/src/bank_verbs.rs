//! The verbs of `tieout bank`, as clap reads them.

use std::path::PathBuf;

use clap::Subcommand;

/// `tieout bank …`
#[derive(Subcommand, Debug)]
pub enum BankVerb {
    /// Take a bank's statements from a file: CAMT.053, MT940, or a list in CSV with the balance after each
    /// row. What the file is is told by its content.
    #[command(after_help = "Examples:\n  tieout -w b.tieoutdb bank import 2026-11-30.xml\n  \
        tieout -w b.tieoutdb bank import nov.sta --entity GB01 --account 1010")]
    Import {
        /// The file.
        file: PathBuf,
        /// The ledger's account that the bank account stands for; kept for its next file.
        #[arg(long, value_name = "LEDGER_ACCOUNT")]
        account: Option<String>,
        /// The legal entity whose account it is; kept likewise.
        #[arg(long)]
        entity: Option<String>,
        /// Of a list that does not say it: the bank account's number.
        #[arg(long)]
        number: Option<String>,
        /// Of a list that does not say it: the currency.
        #[arg(long)]
        currency: Option<String>,
        /// Judge what is due as of this date or instant.
        #[arg(long, value_name = "WHEN")]
        as_of: Option<String>,
    },
    /// Show the bank's balance beside the ledger's account, and what they differ by.
    #[command(after_help = "Example:\n  tieout -w b.tieoutdb bank show --account 1010 --through 2026-11-30")]
    Show {
        /// Only this account of the ledger, or of this number at the bank.
        #[arg(long)]
        account: Option<String>,
        /// Only of this legal entity.
        #[arg(long)]
        entity: Option<String>,
        /// By the last statement that ends on this day or before.
        #[arg(long, value_name = "DATE")]
        through: Option<String>,
    },
}
