//! What the studio shows of a file. All amounts are decimals in major units, as text.

use serde::Serialize;

use crate::{
    base::closed,
    intake::recognition::{FileKind, FileTotal},
};

/// Something that a file could be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct GuessView {
    /// A built-in profile's name, or `general`.
    pub profile: String,
    /// The same in words.
    pub title: String,
    /// How sure that is, in percent.
    pub sure: u8,
}

/// The family of a role, which gives it its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum RoleFamily {
    /// Where it is booked: account, entity.
    Where,
    /// When.
    When,
    /// What it is: number, kind, text.
    What,
    /// Who: the customer.
    Who,
    /// How much.
    Money,
}

/// A role that a column of this kind of file may play.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct RoleView {
    /// As a column map names it.
    #[ts(as = "closed::ColumnRole")]
    pub role: String,
    /// In words.
    pub label: String,
    /// Its family.
    pub family: RoleFamily,
}

/// A column of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct StudioColumn {
    /// What it is called; empty where the header does not name it.
    pub heading: String,
    /// The role it plays first; nothing for one that is not read.
    #[ts(as = "Option<closed::ColumnRole>")]
    pub role: Option<String>,
    /// True where its cells are amounts, and stand at the right.
    pub money: bool,
}

/// What a row of the file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum StudioRowKind {
    /// It holds nothing.
    Blank,
    /// It stands above the table, or is printed between its lines.
    Banner,
    /// It names the columns.
    Header,
    /// It names the account of the lines below it.
    Account,
    /// It says something else of them.
    Heading,
    /// It says what an account stood at.
    Balance,
    /// A line.
    Line,
    /// It adds up others and agrees: it is left out.
    Total,
    /// It is left out as the profile says.
    LeftOut,
    /// It is put aside.
    Aside,
    /// Several rows alike.
    Fold,
}

/// A row as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct StudioRow {
    /// Its number in the file; of a fold that of its first row.
    #[ts(type = "number")]
    pub number: u64,
    /// What it is.
    pub kind: StudioRowKind,
    /// What stands in its cells.
    pub cells: Vec<String>,
    /// What a heading above says of it.
    pub carried: Option<String>,
    /// What is to be said of it: how far a heading reaches, how many rows are folded.
    pub note: Option<String>,
    /// The column that keeps it aside, counted from 0.
    pub bad: Option<u32>,
}

/// What settles a problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum ProblemAct {
    /// The document stays aside, whole.
    LeaveAside,
    /// It is right as it is.
    Right,
    /// A person says which: the field of this problem is shown.
    Say,
    /// It is imported under the other connection's name.
    UseConnection,
}

/// The field by which a person says what is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum StudioField {
    /// What the file is.
    Profile,
    /// The legal entity.
    Entity,
    /// The currency of its books.
    Currency,
    /// Which of day and month comes first.
    Dates,
    /// The mark of decimals.
    Decimal,
    /// The entity's time zone.
    TimeZone,
    /// The accounts that the ledger is held against.
    Expect,
    /// The sheet of the workbook.
    Sheet,
    /// The roles of columns.
    Columns,
}

/// Something of the file that a person should know, or has to say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct ProblemView {
    /// By which it is told from others as long as the file is the same.
    pub id: String,
    /// The rows that it is about, as text; empty where it is about the whole file.
    pub rows: String,
    /// The first of them.
    #[ts(type = "number | null")]
    pub row: Option<u64>,
    /// True where it keeps something out, or the whole file.
    pub grave: bool,
    /// True where nothing is imported until it is settled.
    pub blocks: bool,
    /// What is wrong.
    pub message: String,
    /// What settles it.
    pub act: ProblemAct,
    /// The same as a button.
    pub label: String,
    /// The field by which it is said.
    pub field: Option<StudioField>,
}

/// A line of the control totals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct ControlLine {
    /// What it is.
    pub label: String,
    /// True for what is put aside.
    pub aside: bool,
    /// True for what a person typed, which proves nothing.
    pub typed: bool,
    /// True for the part of one currency of several.
    pub part: bool,
    /// The currency; nothing where the file does not say one.
    pub currency: Option<String>,
    /// Lines.
    #[ts(type = "number | null")]
    pub lines: Option<u64>,
    /// Debits, or the sum of documents.
    pub debits: Option<String>,
    /// Credits.
    pub credits: Option<String>,
    /// Whether it agrees with what it stands for; nothing where that cannot be told.
    pub agrees: Option<bool>,
}

/// A choice that a person makes, and what it stands at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct Choosing {
    /// What it is now; nothing where it has to be said.
    pub value: Option<String>,
    /// Why it is that.
    pub why: String,
    /// What it could be; empty where anything may be typed.
    pub options: Vec<String>,
}

/// An account that the ledger is held against.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct ExpectView {
    /// The role: `receivable`, `revenue` …
    #[ts(as = "closed::AccountRole")]
    pub role: String,
    /// In words.
    pub label: String,
    /// The account.
    pub account: Option<String>,
    /// Why it is that.
    pub why: String,
    /// True where nothing is imported without it.
    pub needed: bool,
}

/// An account that is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct KnownAccount {
    /// Its code.
    pub code: String,
    /// What it is called.
    pub name: String,
}

/// Whose the file is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct BelongsView {
    /// The legal entity.
    pub entity: Choosing,
    /// The currency of its books.
    pub currency: Choosing,
    /// `day-first`, `month-first`, or that no date leaves it open.
    pub dates: Choosing,
    /// The mark of decimals, where no number says it.
    pub decimal: Choosing,
    /// The entity's time zone.
    pub time_zone: Choosing,
    /// The accounts that the ledger is held against; empty where a mapping says them.
    pub expect: Vec<ExpectView>,
    /// Accounts that are known, of this file and of ledgers.
    pub accounts: Vec<KnownAccount>,
}

/// The months that a ledger's file may be the whole of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct WholeView {
    /// As `replaces` of an import takes it: a month or some days.
    pub value: String,
    /// In words.
    pub label: String,
    /// True where the last file of this connection was the whole of its months.
    pub as_last_time: bool,
}

/// A file as the studio shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct PreviewView {
    /// Its name.
    pub name: String,
    /// How large it is, in bytes.
    #[ts(type = "number")]
    pub size: u64,
    /// The sheets of its workbook.
    pub sheets: Vec<String>,
    /// The sheet that is shown.
    pub sheet: Option<String>,
    /// How its text is encoded; none of a workbook.
    pub encoding: Option<String>,
    /// What kind of file it is.
    pub kind: Option<FileKind>,
    /// What it is.
    pub is: Option<GuessView>,
    /// By which signs.
    pub signs: String,
    /// What else it could be, the likeliest first.
    pub others: Vec<GuessView>,
    /// True where a person has to say what it is.
    pub undecided: bool,
    /// What such files are called here, where one was kept.
    pub known: Option<String>,
    /// What the next one would be called.
    pub title: String,
    /// Its columns.
    pub columns: Vec<StudioColumn>,
    /// The roles that a column may play.
    pub roles: Vec<RoleView>,
    /// What rows of their own say of the lines below them, in words.
    pub carried: Option<String>,
    /// Whose it is.
    pub belongs: BelongsView,
    /// The rows of the file.
    #[ts(type = "number")]
    pub rows_read: u64,
    /// How many rows are shown, folded ones as one.
    pub total: u32,
    /// The first of `rows` among them.
    pub start: u32,
    /// The rows asked for.
    pub rows: Vec<StudioRow>,
    /// What to settle and to look at, the worst first.
    pub problems: Vec<ProblemView>,
    /// The control totals.
    pub controls: Vec<ControlLine>,
    /// What it comes to, by currency.
    pub totals: Vec<FileTotal>,
    /// Whether debits equal credits; nothing of billing.
    pub balanced: Option<bool>,
    /// How many lines an import takes.
    #[ts(type = "number")]
    pub takes: u64,
    /// How many documents or journals those are.
    #[ts(type = "number")]
    pub items: u64,
    /// What stays out, in words.
    pub stays_out: Option<String>,
    /// Why nothing can be imported now.
    pub why: Option<String>,
    /// The connection that it comes by.
    pub connection: String,
    /// Of a ledger, the months of its days, of which it may be the whole.
    pub whole: Option<WholeView>,
    /// The connection of the live ERP whose ledger it would be beside: then it is only compared.
    pub live: Option<String>,
    /// The column map that it is read by (TOML).
    pub map: Option<String>,
    /// SHA-256 of its bytes, hex, where it was read.
    pub sha256: Option<String>,
}

/// What an import would change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct EffectView {
    /// Documents or journals that are not there yet.
    #[ts(type = "number")]
    pub new: u64,
    /// Those that would change.
    #[ts(type = "number")]
    pub changed: u64,
    /// Those that stay as they are.
    #[ts(type = "number")]
    pub same: u64,
    /// Those that would be gone, where the file is the whole of its months.
    #[ts(type = "number")]
    pub removed: u64,
    /// The connection that has most of it already, and how many.
    pub known_as: Option<String>,
    /// The same in words.
    pub message: String,
}
