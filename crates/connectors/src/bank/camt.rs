//! CAMT.053, any version: elements are found by their names, so that what a version adds is no error. What
//! the bank only announces (pending, information, future) is no part of a booked balance and is counted.

use chrono::NaiveDate;
use roxmltree::{Document, Node};
use tieout_domain::{
    Currency, Money,
    bank::{BankLine, BankStatement, account_number},
};

use super::error::{BankError, Why};

/// What banks write where the payer named nothing.
const NO_NAME: [&str; 4] = ["NOTPROVIDED", "NONREF", "N/A", "NOT PROVIDED"];

/// The names of a payment that may stand in its references.
const REFERENCES: [&str; 10] = [
    "EndToEndId",
    "InstrId",
    "TxId",
    "UETR",
    "PmtInfId",
    "MsgId",
    "MndtId",
    "ChqNb",
    "ClrSysRef",
    "AcctSvcrRef",
];

/// The statements of a message that begins so many rows below the file's own first.
pub(super) fn read((above, text): (u32, &str)) -> Result<Vec<BankStatement>, BankError> {
    let unread = |e: roxmltree::Error| {
        BankError::at(None, e.pos().row + above, format!("the file is no XML that can be read: {e}"))
    };
    let document = Document::parse(text).map_err(unread)?;
    let root = document.root_element();
    let Some(message) = root.descendants().find(|node| is(*node, "BkToCstmrStmt")) else {
        return Err(BankError::file(Why::Unknown, other_message(root)));
    };
    let reader = Reader { document: &document, above, statement: None };
    children(message, "Stmt").map(|node| reader.statement(node)).collect()
}

/// What the file is instead.
fn other_message(root: Node<'_, '_>) -> String {
    let has = |name: &str| root.descendants().any(|node| is(node, name));
    let what = if has("BkToCstmrAcctRpt") {
        "it is a report within the day (camt.052)"
    } else if has("BkToCstmrDbtCdtNtfctn") {
        "it is a notification of single payments (camt.054)"
    } else {
        return format!("its first element is {}, which is no statement", root.tag_name().name());
    };
    format!("{what}, which has no booked balances: ask the bank for the statement (camt.053)")
}

fn is(node: Node<'_, '_>, name: &str) -> bool {
    node.is_element() && node.tag_name().name() == name
}

fn children<'a, 'i>(of: Node<'a, 'i>, name: &'static str) -> impl Iterator<Item = Node<'a, 'i>> {
    of.children().filter(move |node| is(*node, name))
}

/// The element at the end of a path of first children.
fn at<'a, 'i>(of: Node<'a, 'i>, path: &[&'static str]) -> Option<Node<'a, 'i>> {
    path.iter().try_fold(of, |node, name| children(node, name).next())
}

/// Its text, where it has one.
fn text<'a>(of: Node<'a, '_>, path: &[&'static str]) -> Option<&'a str> {
    at(of, path).and_then(|node| node.text()).map(str::trim).filter(|text| !text.is_empty())
}

fn name_of<'a>(of: Node<'a, '_>, path: &[&'static str]) -> Option<&'a str> {
    text(of, path).filter(|name| !NO_NAME.contains(&name.to_ascii_uppercase().as_str()))
}

/// A balance.
struct Balance {
    kind: String,
    minor: i64,
    day: NaiveDate,
}

#[derive(Clone, Copy)]
struct Reader<'d, 'i> {
    document: &'d Document<'i>,
    above: u32,
    statement: Option<&'d str>,
}

impl<'d, 'i> Reader<'d, 'i> {
    fn row(&self, node: Node<'_, '_>) -> u32 {
        self.document.text_pos_at(node.range().start).row + self.above
    }

    fn wrong(&self, node: Node<'_, '_>, message: impl Into<String>) -> BankError {
        BankError::at(self.statement, self.row(node), message)
    }

    fn lacks(&self, node: Node<'_, '_>, what: &str) -> BankError {
        self.wrong(node, format!("<{}> has no {what}", node.tag_name().name()))
    }

    fn statement(self, node: Node<'d, 'i>) -> Result<BankStatement, BankError> {
        let id = text(node, &["Id"]).or_else(|| text(node, &["ElctrncSeqNb"]));
        let this = Self { statement: id, ..self };
        let balance = at(node, &["Bal", "Amt"]).and_then(|amount| amount.attribute("Ccy"));
        let code = text(node, &["Acct", "Ccy"]).or(balance);
        let code = code.ok_or_else(|| this.lacks(node, "currency (Acct/Ccy)"))?;
        let currency = Currency::new(code).map_err(|e| this.wrong(node, e.to_string()))?;
        let number =
            text(node, &["Acct", "Id", "IBAN"]).or_else(|| text(node, &["Acct", "Id", "Othr", "Id"]));
        let number = number.ok_or_else(|| this.lacks(node, "account (Acct/Id)"))?;
        let balances: Vec<Balance> =
            children(node, "Bal").map(|bal| this.balance(bal, currency)).collect::<Result<_, _>>()?;
        let (opening, closing) = this.ends(node, &balances)?;
        let (mut lines, mut announced) = (Vec::new(), 0);
        for entry in children(node, "Ntry") {
            match is_booked(entry) {
                true => lines.push(this.line(entry, currency, lines.len())?),
                false => announced += 1,
            }
        }
        let said =
            |path: [&'static str; 2]| at(node, &["FrToDt", path[0]]).or(at(node, &["FrToDt", path[1]]));
        let span = |node: Option<Node<'d, 'i>>| node.map(|node| this.day_of(node)).transpose();
        let from = span(said(["FrDtTm", "FrDt"]))?.unwrap_or(opening.1);
        let to = span(said(["ToDtTm", "ToDt"]))?.map_or(closing.1, |day| day.max(closing.1));
        let days = || lines.iter().map(|line| line.booked_on);
        Ok(BankStatement {
            account: account_number(number, currency),
            currency,
            id: id.map_or_else(|| closing.1.to_string(), str::to_owned),
            from: days().min().map_or(from, |day| day.min(from)),
            to: days().max().map_or(to, |day| day.max(to)),
            opening_minor: opening.0,
            closing_minor: closing.0,
            announced,
            lines,
        })
    }

    /// The balances before and after the lines, each with its day. The day before has closed with what this
    /// one opens with; a page of a statement opens and closes with interim balances.
    #[allow(clippy::type_complexity, reason = "two balances")]
    fn ends(
        &self,
        node: Node<'_, '_>,
        balances: &[Balance],
    ) -> Result<((i64, NaiveDate), (i64, NaiveDate)), BankError> {
        let of = |kind: &str| balances.iter().find(|one| one.kind == kind);
        let interim: Vec<&Balance> = balances.iter().filter(|one| one.kind == "ITBD").collect();
        let opening = of("OPBD").map(|one| (one.minor, one.day));
        let before = of("PRCD").map(|one| (one.minor, one.day.succ_opt().unwrap_or(one.day)));
        let page = |one: &&Balance| (one.minor, one.day);
        let opening = opening.or(before).or_else(|| interim.first().map(page));
        let closing = of("CLBD").map(|one| (one.minor, one.day)).or_else(|| interim.last().map(page));
        match (opening, closing) {
            (Some(opening), Some(closing)) => Ok((opening, closing)),
            (None, _) => Err(self.lacks(node, "opening balance (OPBD or PRCD)")),
            (_, None) => Err(self.lacks(node, "closing balance (CLBD)")),
        }
    }

    fn balance(&self, node: Node<'_, '_>, currency: Currency) -> Result<Balance, BankError> {
        let kind = text(node, &["Tp", "CdOrPrtry", "Cd"]).unwrap_or_default().to_owned();
        let day = at(node, &["Dt"]).ok_or_else(|| self.lacks(node, "date"))?;
        let minor = match ["OPBD", "PRCD", "CLBD", "ITBD"].contains(&kind.as_str()) {
            true => self.amount(node, currency)?,
            // Available and forward balances are none that lines lead to.
            false => 0,
        };
        Ok(Balance { kind, minor, day: self.day(day)? })
    }

    /// The amount of an element, with its sign.
    fn amount(&self, node: Node<'_, '_>, currency: Currency) -> Result<i64, BankError> {
        let amount = at(node, &["Amt"]).ok_or_else(|| self.lacks(node, "amount"))?;
        let code = amount.attribute("Ccy").unwrap_or(currency.code());
        if code != currency.code() {
            let message = format!("an amount in {code} stands on an account in {currency}");
            return Err(self.wrong(amount, message));
        }
        let written = amount.text().unwrap_or_default().trim();
        let money = Money::parse(written, currency).map_err(|e| self.wrong(amount, e.to_string()))?;
        if money.minor() < 0 {
            let message = format!("the amount {written} has a sign; CdtDbtInd says it instead");
            return Err(self.wrong(amount, message));
        }
        match text(node, &["CdtDbtInd"]) {
            Some("CRDT") => Ok(money.minor()),
            Some("DBIT") => Ok(-money.minor()),
            other => {
                let message =
                    format!("CdtDbtInd is \"{}\", neither CRDT nor DBIT", other.unwrap_or_default());
                Err(self.wrong(node, message))
            }
        }
    }

    /// The day of an element that holds a date, or an instant of which the bank's own day counts.
    fn day(&self, node: Node<'_, '_>) -> Result<NaiveDate, BankError> {
        let inner = at(node, &["Dt"]).or_else(|| at(node, &["DtTm"])).unwrap_or(node);
        self.day_of(inner)
    }

    fn day_of(&self, node: Node<'_, '_>) -> Result<NaiveDate, BankError> {
        let written = node.text().unwrap_or_default().trim();
        let day = written.get(..10).unwrap_or(written);
        NaiveDate::parse_from_str(day, "%Y-%m-%d")
            .map_err(|_| self.wrong(node, format!("\"{written}\" is no date")))
    }

    fn line(&self, node: Node<'_, '_>, currency: Currency, before: usize) -> Result<BankLine, BankError> {
        let amount_minor = self.amount(node, currency)?;
        let value_on = at(node, &["ValDt"]).map(|day| self.day(day)).transpose()?;
        let booked_on = at(node, &["BookgDt"]).map(|day| self.day(day)).transpose()?;
        let booked_on = booked_on.or(value_on).ok_or_else(|| self.lacks(node, "booking date (BookgDt)"))?;
        let reversal = matches!(text(node, &["RvslInd"]), Some("true" | "1"));
        let details: Vec<Node<'_, '_>> =
            children(node, "NtryDtls").flat_map(|all| children(all, "TxDtls")).collect();
        let counted = at(node, &["NtryDtls", "Btch"]).map(|batch| text(batch, &["NbOfTxs"]));
        let counted = counted.map(|count| count.and_then(|text| text.parse().ok()));
        let several = (details.len() > 1).then(|| u32::try_from(details.len()).ok());
        let mut references: Vec<&str> = name_of(node, &["NtryRef"]).into_iter().collect();
        for one in &details {
            references.extend(REFERENCES.iter().filter_map(|name| name_of(*one, &["Refs", name])));
            let creditor = ["RmtInf", "Strd", "CdtrRefInf", "Ref"];
            references.extend(name_of(*one, &creditor));
        }
        // Who paid stands beside what came in; of what is taken back it is the other way round.
        let in_or_back = (amount_minor > 0) != reversal;
        let sides = if in_or_back { ["Dbtr", "Cdtr"] } else { ["Cdtr", "Dbtr"] };
        let party = |one: &Node<'_, '_>| sides.iter().find_map(|side| party(*one, side));
        Ok(BankLine {
            number: u32::try_from(before + 1).unwrap_or(u32::MAX),
            row: self.row(node),
            booked_on,
            value_on,
            amount_minor,
            reversal,
            bank_reference: name_of(node, &["AcctSvcrRef"]).map(str::to_owned),
            references: unlike(references),
            counterparty: details.iter().find_map(party).filter(|_| details.len() == 1),
            text: words(node, &details),
            batch: counted.flatten().or(several.flatten()).filter(|count| *count > 1),
        })
    }
}

/// True for what is on the account. A line without a status is.
fn is_booked(entry: Node<'_, '_>) -> bool {
    let status = text(entry, &["Sts", "Cd"]).or_else(|| text(entry, &["Sts"]));
    status.is_none_or(|status| status == "BOOK")
}

/// A party's name: in it, or, since 2019, in a party within it.
fn party(details: Node<'_, '_>, side: &'static str) -> Option<String> {
    let named = name_of(details, &["RltdPties", side, "Nm"]);
    named.or_else(|| name_of(details, &["RltdPties", side, "Pty", "Nm"])).map(str::to_owned)
}

/// Each once, in their order.
fn unlike(all: Vec<&str>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for one in all {
        if !found.iter().any(|known| known == one) {
            found.push(one.to_owned());
        }
    }
    found
}

/// What was written to the payment, and what the bank adds.
fn words(entry: Node<'_, '_>, details: &[Node<'_, '_>]) -> String {
    let mut found: Vec<&str> = Vec::new();
    for one in details {
        let remittance = children(*one, "RmtInf").flat_map(|all| children(all, "Ustrd"));
        found.extend(remittance.filter_map(|node| node.text()).map(str::trim));
        found.extend(text(*one, &["AddtlTxInf"]));
    }
    found.extend(text(entry, &["AddtlNtryInf"]));
    let mut words = found.join(" ").split_whitespace().collect::<Vec<_>>().join(" ");
    words.truncate(words.char_indices().nth(2_000).map_or(words.len(), |(at, _)| at));
    words
}
