//! Statements of banks, taken whole or not at all: each line once, however many files bring it.

use std::{
    fs,
    io::Read as _,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use serde_json::json;
use tieout_connectors::bank::{BankFile, SaidOfList, is_statement, read_bank};
use tieout_domain::{
    AccountCode, Currency, EntityCode,
    accounts::AccountMapping,
    bank::{BankStatement, account_number},
    hash::sha256_hex,
};
use tieout_store::{BankCame, BankPlace, NewBankFile, StoredBankStatement};

use crate::{
    base::{
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
        labels::decimal_text,
    },
    governance::changes,
    intake::{detection, imports},
};

/// Larger files are no statements.
const MOST_BYTES: u64 = 256 << 20;

/// A file of a bank's statements.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct BankImportRequest {
    /// The file: CAMT.053, MT940, or a list in CSV with the balance after each row.
    pub file: PathBuf,
    /// The ledger's account that the bank account stands for. It is kept with the bank account, so that its
    /// next file needs none.
    #[serde(default)]
    #[ts(optional)]
    pub account: Option<String>,
    /// The legal entity whose account it is; kept likewise.
    #[serde(default)]
    #[ts(optional)]
    pub entity: Option<String>,
    /// Of a list that does not say it: the bank account's number.
    #[serde(default)]
    #[ts(optional)]
    pub number: Option<String>,
    /// Of a list that does not say it: the currency.
    #[serde(default)]
    #[ts(optional)]
    pub currency: Option<String>,
    /// Judge what is due as of this instant or date.
    #[serde(default)]
    #[ts(optional)]
    pub as_of: Option<String>,
}

/// One statement that was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct BankTaken {
    /// The bank's own name of it.
    pub id: String,
    /// The bank account's number.
    pub number: String,
    /// The legal entity.
    pub entity: String,
    /// The ledger's account.
    pub account: String,
    /// The currency.
    pub currency: String,
    /// The first day.
    pub from: String,
    /// The last day.
    pub to: String,
    /// What stood there before, major units.
    pub opening: String,
    /// What stood there after, major units.
    pub closing: String,
    /// Lines in it.
    #[ts(type = "number")]
    pub lines: u64,
    /// Lines that no earlier statement had brought.
    #[ts(type = "number")]
    pub new_lines: u64,
    /// Lines that the bank announces and has not booked; they are left out.
    #[ts(type = "number")]
    pub announced: u64,
    /// What is missing before it, in words.
    pub gap: Option<String>,
}

/// What became of a file of statements.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct BankImported {
    /// The file.
    pub file: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// What it is: `camt.053`, `mt940` or `csv`.
    pub format: String,
    /// True where the same bytes were taken before: nothing was done.
    pub known: bool,
    /// Its statements.
    pub statements: Vec<BankTaken>,
    /// What became of it, in words.
    pub message: String,
}

/// Takes a file of statements, and judges the payouts that it concerns.
///
/// # Errors
/// `bank_file_…`, `bank_statement_unbalanced`, `bank_account_unknown`, `file_unusable`, a database error;
/// nothing is kept then.
pub fn bank_import(ctx: &Context, request: &BankImportRequest) -> DeskResult<BankImported> {
    imports::may_import(ctx, &request.file)?;
    let place = request.file.display().to_string();
    let unusable = |e: std::io::Error| DeskError::file(&request.file, &e);
    if fs::metadata(&request.file).map_err(unusable)?.len() > MOST_BYTES {
        let message = format!("{place} is larger than any bank's statement: nothing was imported");
        return Err(DeskError::new(Code::FileTooLarge, message));
    }
    let bytes = fs::read(&request.file).map_err(unusable)?;
    let sha256 = sha256_hex(&bytes);
    let currency = request.currency.as_deref().map(|code| code.to_ascii_uppercase().parse::<Currency>());
    let said = SaidOfList { number: request.number.clone(), currency: currency.transpose()? };
    let file = read_bank(&bytes, &said).map_err(|error| {
        DeskError::below(error.code(), format!("{error}; nothing was imported")).at(&place)
    })?;
    let known = ctx.store().bank_file_known(&sha256)?;
    let placed = placed(ctx, request, &file)?;
    let name = request.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut view = BankImported {
        file: place.clone(),
        sha256: sha256.clone(),
        format: file.format.as_str().to_owned(),
        known,
        statements: Vec::new(),
        message: "this very file was imported before: nothing was done".to_owned(),
    };
    if known {
        return Ok(view);
    }
    let new = NewBankFile {
        file: name,
        sha256,
        format: view.format.clone(),
        by: ctx.account_actor(),
        at: ctx.clock.now(),
        statements: placed,
    };
    let totals: Vec<serde_json::Value> = new.statements.iter().map(control_totals).collect();
    let detail = json!({ "sha256": new.sha256, "format": new.format, "statements": totals });
    let came = ctx.unsigned("bank_imported", &place, detail, |store, log| store.import_bank(&new, log))?;
    view.statements = new.statements.iter().zip(&came).map(taken).collect();
    view.message = message(&view.statements);
    detection::detect(ctx, request.as_of.as_deref())?;
    Ok(view)
}

/// How much of a file tells what it is.
const HEAD: u64 = 64 << 10;

/// Refuses a bank's statement where documents or a ledger are looked for, and says where it belongs.
pub(crate) fn refuse_statement(path: &Path) -> DeskResult<()> {
    let mut head = Vec::new();
    // A file that cannot be read is told by whoever reads it.
    let read = fs::File::open(path).and_then(|file| file.take(HEAD).read_to_end(&mut head));
    if read.is_err() || !is_statement(&head) {
        return Ok(());
    }
    let message = "it is a bank's statement: import it in the close, under Bank, or by tieout bank import";
    Err(DeskError::new(Code::FileOfAnotherKind, message).at(&path.display().to_string()))
}

/// What the log says of a statement.
fn control_totals((said, place): &(BankStatement, BankPlace)) -> serde_json::Value {
    let text = |minor: i64| decimal_text(minor, said.currency.code());
    json!({
        "id": said.id, "number": said.account, "currency": said.currency.code(),
        "entity": place.entity, "account": place.account,
        "from": said.from, "to": said.to, "opening": text(said.opening_minor),
        "lines": said.lines.len(), "total": said.total_minor().map(text), "closing": text(said.closing_minor),
    })
}

fn taken(((said, place), came): (&(BankStatement, BankPlace), &BankCame)) -> BankTaken {
    let code = said.currency.code();
    let gap = came.gap.map(|(closed, day)| {
        format!(
            "it opens with {} {code}, and the statement before it closed with {} {code} on {day}: a \
             statement between them is missing",
            decimal_text(said.opening_minor, code),
            decimal_text(closed, code)
        )
    });
    BankTaken {
        id: said.id.clone(),
        number: said.account.clone(),
        entity: place.entity.to_string(),
        account: place.account.to_string(),
        currency: code.to_owned(),
        from: said.from.to_string(),
        to: said.to.to_string(),
        opening: decimal_text(said.opening_minor, code),
        closing: decimal_text(said.closing_minor, code),
        lines: said.lines.len() as u64,
        new_lines: came.new,
        announced: said.announced,
        gap,
    }
}

fn message(statements: &[BankTaken]) -> String {
    let sum = |of: &dyn Fn(&BankTaken) -> u64| statements.iter().map(of).sum::<u64>();
    let (lines, new) = (sum(&|one| one.lines), sum(&|one| one.new_lines));
    let counted = |count: u64, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    let many = counted(statements.len() as u64, "statement");
    let mut said = format!("{many} with {}, {new} of them new", counted(lines, "line"));
    let announced = sum(&|one| one.announced);
    if announced > 0 {
        let left_out = counted(announced, "line");
        said.push_str(&format!("; left out: {left_out} that the bank only announces"));
    }
    for one in statements {
        if let Some(gap) = &one.gap {
            said.push_str(&format!("; statement {}: {gap}", one.id));
        }
    }
    said
}

/// Whose account each statement is of: as the request says, else as it was said before, else the only entity
/// of the mapping that keeps its books in that currency and has an account at the bank.
fn placed(
    ctx: &Context,
    request: &BankImportRequest,
    file: &BankFile,
) -> DeskResult<Vec<(BankStatement, BankPlace)>> {
    let mapping = changes::mapping_in_force(ctx)?.map(|change| change.content);
    let mapping = mapping.as_deref();
    let one = |said: &BankStatement| -> DeskResult<(BankStatement, BankPlace)> {
        let number = account_number(&said.account, said.currency);
        let known = ctx.store().bank_account(&number, said.currency)?;
        if let Some(known) = &known {
            in_one_format(said, file.format.as_str(), &ctx.store().bank_statements(known)?)?;
        }
        Ok((said.clone(), place(request, mapping, said, known.map(|known| known.place))?))
    };
    file.statements.iter().map(one).collect()
}

/// Refuses days that are there in another format: formats name lines differently, so that each would count
/// twice.
fn in_one_format(said: &BankStatement, format: &str, there: &[StoredBankStatement]) -> DeskResult<()> {
    let same_days = |one: &&StoredBankStatement| {
        let (from, to) = (one.from.max(said.from), one.to.min(said.to));
        one.format != format && (from < to || (one.from, one.to) == (said.from, said.to))
    };
    let Some(other) = there.iter().find(same_days) else { return Ok(()) };
    let message = format!(
        "statement {}: its days up to {} came as {} in {} already, and lines of two formats cannot be told \
         apart; nothing was imported",
        said.id,
        other.to.min(said.to),
        other.format,
        other.file
    );
    Err(DeskError::new(Code::BankFileAmbiguous, message))
}

fn place(
    request: &BankImportRequest,
    mapping: Option<&AccountMapping>,
    said: &BankStatement,
    known: Option<BankPlace>,
) -> DeskResult<BankPlace> {
    let entity = request.entity.as_deref().map(str::parse::<EntityCode>).transpose()?;
    let account = request.account.as_deref().map(str::parse::<AccountCode>).transpose()?;
    if let (Some(code), Some(mapping)) = (&entity, mapping)
        && mapping.entities.iter().all(|one| one.code != *code)
    {
        let all: Vec<&str> = mapping.entities.iter().map(|one| one.code.as_str()).collect();
        let message = format!("the mapping has no entity {code}; it has {}", all.join(", "));
        return Err(DeskError::new(Code::MappingUnknownEntity, message));
    }
    if let Some(known) = known.filter(|known| entity.as_ref().is_none_or(|code| *code == known.entity)) {
        return Ok(BankPlace { account: account.unwrap_or(known.account), ..known });
    }
    let own: Vec<BankPlace> = mapping
        .iter()
        .flat_map(|mapping| &mapping.entities)
        .filter(|one| {
            entity.as_ref().map_or(one.functional_currency == said.currency, |code| one.code == *code)
        })
        .filter_map(|one| {
            let account = account.clone().or_else(|| one.accounts.bank.clone())?;
            Some(BankPlace { entity: one.code.clone(), account })
        })
        .collect();
    match (own.as_slice(), entity, account) {
        ([one], ..) => Ok(one.clone()),
        ([], Some(entity), Some(account)) if mapping.is_none() => Ok(BankPlace { entity, account }),
        (found, ..) => {
            let why = match found {
                [] => {
                    "no entity of the mapping keeps its books in that currency with a bank account".to_owned()
                }
                several => {
                    let codes: Vec<&str> = several.iter().map(|one| one.entity.as_str()).collect();
                    format!("it could be of {}", codes.join(" or "))
                }
            };
            let message = format!(
                "statement {}: whose account {} in {} is, is not known: {why}. Say it once with --entity and \
                 --account; nothing was imported",
                said.id, said.account, said.currency
            );
            Err(DeskError::new(Code::BankAccountUnknown, message))
        }
    }
}
