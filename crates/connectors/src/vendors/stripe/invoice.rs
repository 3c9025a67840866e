//! Invoices and credit notes: the one shape that Stripe has now, and the older ones.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use tieout_domain::{
    Currency, Money,
    accounts::unitemised,
    document::{Document, DocumentDate, DocumentKind, DocumentLine, DocumentStatus},
};

use super::{
    amount::{add_up, amount, currency, maybe_amount, opposite},
    shape::{Context, created, product_of, rate_of, tax_code, taxes_of},
    sheet::STRIPE,
};
use crate::{
    kit::{Field, within_limits},
    traits::Rejection,
};

/// The taxes on a line, minor units.
struct Taxes {
    /// All of it.
    total: i64,
    /// The part that the line's amount contains.
    inclusive: i64,
}

impl Taxes {
    fn of(line: Field<'_>, currency: Currency) -> Result<Self, Rejection> {
        let taxes = taxes_of(line)?;
        let each = |of: &(Field<'_>, bool)| amount(of.0.get("amount"), currency);
        Ok(Self {
            total: add_up(line, taxes.iter().map(each))?,
            inclusive: add_up(line, taxes.iter().filter(|(_, inclusive)| *inclusive).map(each))?,
        })
    }
}

/// Decodes an invoice.
pub(super) fn invoice(field: Field<'_>, context: &Context) -> Result<Document, Rejection> {
    let id = field.get("id").id()?;
    let currency = currency(field)?;
    let status = invoice_status(field)?;
    let created = created(field)?;
    let transitions = field.get("status_transitions");
    let finalized = transitions.get("finalized_at").maybe_instant()?;
    let date = field.get("effective_at").maybe_instant()?.or(finalized).unwrap_or(created);
    let number = field.get("number").maybe_text()?.filter(|n| !n.is_empty());
    if number.is_none() && context.numbers && status != DocumentStatus::Draft {
        return Err(field.get("number").missing());
    }
    let mut lines = lines_of(field, context, currency, invoice_line)?;
    lines.extend(credits(field, context, currency)?);
    lines.extend(shipping(field, currency)?);
    let total = amount(field.get("total"), currency)?;
    let tax = settle_tax(field, &mut lines, currency)?;
    reconcile(field, &mut lines, Money::new(total, currency))?;
    let subscription = match field.get("parent").get("subscription_details").get("subscription").maybe_id()? {
        Some(id) => Some(id),
        None => field.get("subscription").maybe_id()?,
    };
    Ok(Document {
        kind: DocumentKind::Invoice,
        reference: number.unwrap_or(&id).to_owned(),
        external_id: id,
        status,
        date: DocumentDate::Instant(date),
        finalized_at: (status != DocumentStatus::Draft).then(|| finalized.unwrap_or(created)),
        changed_at: changed_at(transitions, status)?,
        total: Money::new(total, currency),
        tax_minor: tax,
        lines,
        customer: field.get("customer").maybe_id()?,
        country: field.get("customer_address").get("country").maybe_text()?.map(str::to_owned),
        entity: None,
        subscription,
        invoice: None,
        payment: None,
        outside: false,
    })
}

fn changed_at(transitions: Field<'_>, status: DocumentStatus) -> Result<Option<DateTime<Utc>>, Rejection> {
    match status {
        DocumentStatus::Void => transitions.get("voided_at").maybe_instant(),
        DocumentStatus::WrittenOff => transitions.get("marked_uncollectible_at").maybe_instant(),
        DocumentStatus::Draft | DocumentStatus::Final | DocumentStatus::Pending | DocumentStatus::Failed => {
            Ok(None)
        }
    }
}

/// Where an invoice stands. API versions before 2018-11-08 have no `status` but `paid`, `closed` and
/// `forgiven`; a closed invoice that was neither paid nor forgiven is still owed.
fn invoice_status(field: Field<'_>) -> Result<DocumentStatus, Rejection> {
    let word = field.get("status");
    match word.maybe_text()? {
        Some("draft") => Ok(DocumentStatus::Draft),
        Some("open" | "paid") => Ok(DocumentStatus::Final),
        Some("void") => Ok(DocumentStatus::Void),
        Some("uncollectible") => Ok(DocumentStatus::WrittenOff),
        Some(other) => Err(word.wrong(&format!("is \"{other}\", which is no known status of an invoice"))),
        None => {
            let flag = |key| field.get(key).maybe_flag().map(|f| f.unwrap_or(false));
            let (paid, closed, forgiven) = (flag("paid")?, flag("closed")?, flag("forgiven")?);
            let finalized = field.get("status_transitions").get("finalized_at").is_there();
            match (paid, forgiven) {
                // A drifted object must not pass for an old one.
                _ if !field.get("paid").is_there() => Err(word.missing()),
                (true, _) => Ok(DocumentStatus::Final),
                (false, true) => Ok(DocumentStatus::WrittenOff),
                (false, false) if closed || finalized || flag("attempted")? => Ok(DocumentStatus::Final),
                (false, false) => Ok(DocumentStatus::Draft),
            }
        }
    }
}

/// Decodes a credit note. Its amounts are positive at Stripe and negative here.
pub(super) fn credit_note(field: Field<'_>, context: &Context) -> Result<Document, Rejection> {
    let currency = currency(field)?;
    let word = field.get("status");
    let status = match word.text()? {
        "issued" => DocumentStatus::Final,
        "void" => DocumentStatus::Void,
        other => {
            return Err(word.wrong(&format!("is \"{other}\", which is no known status of a credit note")));
        }
    };
    let created = created(field)?;
    let mut lines = lines_of(field, context, currency, |line, currency| note_line(line, context, currency))?;
    lines.extend(credits(field, context, currency)?);
    lines.extend(shipping(field, currency)?);
    let total = amount(field.get("total"), currency)?;
    let tax = settle_tax(field, &mut lines, currency)?;
    reconcile(field, &mut lines, Money::new(total, currency))?;
    for line in &mut lines {
        line.amount_minor = line.amount_minor.map(|minor| opposite(field, minor)).transpose()?;
        line.tax_minor = opposite(field, line.tax_minor)?;
    }
    Ok(Document {
        kind: DocumentKind::CreditNote,
        reference: field.get("number").text()?.to_owned(),
        external_id: field.get("id").id()?,
        status,
        date: DocumentDate::Instant(field.get("effective_at").maybe_instant()?.unwrap_or(created)),
        finalized_at: Some(created),
        changed_at: match status {
            DocumentStatus::Void => field.get("voided_at").maybe_instant()?,
            _ => None,
        },
        total: Money::new(opposite(field, total)?, currency),
        tax_minor: opposite(field, tax)?,
        lines,
        customer: field.get("customer").maybe_id()?,
        country: None,
        entity: None,
        subscription: None,
        invoice: field.get("invoice").maybe_id()?,
        payment: None,
        outside: false,
    })
}

/// The lines that the object carries and those read besides.
fn lines_of<'a>(
    field: Field<'a>,
    context: &'a Context,
    currency: Currency,
    read: impl Fn(Field<'a>, Currency) -> Result<DocumentLine, Rejection>,
) -> Result<Vec<DocumentLine>, Rejection> {
    let carried = field.get("lines").get("data");
    if !carried.is_there() {
        return Err(carried.missing());
    }
    let mut lines = Vec::new();
    for line in carried.items()? {
        lines.push(read(line, currency)?);
    }
    for line in &context.more_lines {
        lines.push(read(Field::root(line, "lines"), currency)?);
    }
    Ok(lines)
}

fn invoice_line(line: Field<'_>, currency: Currency) -> Result<DocumentLine, Rejection> {
    let taxes = Taxes::of(line, currency)?;
    let amount = amount(line.get("amount"), currency)?;
    let net = add_up(line, [Ok(amount), discounts(line, currency).map(|d| -d), Ok(-taxes.inclusive)])?;
    let quantity = quantity_of(line)?;
    let period = line.get("period");
    let (starts, ends) = (period.get("start").maybe_instant()?, period.get("end").maybe_instant()?);
    Ok(DocumentLine {
        product: product_of(line)?,
        description: line.get("description").maybe_text()?.unwrap_or_default().to_owned(),
        quantity,
        unit_price: unit_price(line, amount, quantity, currency)?,
        amount_minor: Some(net),
        tax_minor: taxes.total,
        tax_code: tax_code(line)?,
        service_starts: starts.map(DocumentDate::Instant),
        service_ends: last_instant(starts, ends).map(DocumentDate::Instant),
    })
}

fn note_line(line: Field<'_>, context: &Context, currency: Currency) -> Result<DocumentLine, Rejection> {
    let taxes = Taxes::of(line, currency)?;
    let amount = amount(line.get("amount"), currency)?;
    // `discount_amount` is the sum of `discount_amounts`.
    let discount = match maybe_amount(line.get("discount_amount"), currency)? {
        Some(discount) => discount,
        None => discounts(line, currency)?,
    };
    let source = line.get("invoice_line_item").maybe_id()?.and_then(|id| context.source_lines.get(&id));
    let quantity = quantity_of(line)?;
    Ok(DocumentLine {
        product: match product_of(line)? {
            Some(product) => Some(product),
            None => source.and_then(|s| s.product.clone()),
        },
        description: line.get("description").maybe_text()?.unwrap_or_default().to_owned(),
        quantity,
        unit_price: unit_price(line, amount, quantity, currency)?,
        amount_minor: Some(add_up(line, [Ok(amount), Ok(-discount), Ok(-taxes.inclusive)])?),
        tax_minor: taxes.total,
        tax_code: tax_code(line)?.or_else(|| source.and_then(|s| s.tax_code.clone())),
        service_starts: None,
        service_ends: None,
    })
}

/// The last instant of service, whose day in the entity's time zone is the last one. Stripe's end is the
/// instant at which the next period begins.
fn last_instant(starts: Option<DateTime<Utc>>, ends: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
    let ends = ends?;
    match starts {
        Some(starts) if starts < ends => Some(ends - chrono::Duration::seconds(1)),
        _ => Some(ends),
    }
}

/// A line of what billing has on the whole document, or beside a line: no price of its own, no days.
fn line(what: &'static str, description: &str, net: Money, tax_minor: i64) -> DocumentLine {
    DocumentLine {
        product: Some(what.to_owned()).filter(|what| !what.is_empty()),
        description: description.to_owned(),
        quantity: Decimal::ONE,
        unit_price: net.to_decimal(),
        amount_minor: Some(net.minor()),
        tax_minor,
        tax_code: None,
        service_starts: None,
        service_ends: None,
    }
}

/// What credit grants take off before tax: a line's amount is before them.
fn credits(
    field: Field<'_>,
    context: &Context,
    currency: Currency,
) -> Result<Option<DocumentLine>, Rejection> {
    let carried = field.get("lines").get("data").items()?;
    let more = context.more_lines.iter().map(|line| Field::root(line, "lines"));
    let mut sums = Vec::new();
    for line in carried.into_iter().chain(more) {
        for credit in line.get("pretax_credit_amounts").items()? {
            // Those of a discount are in the line's discount amounts as well.
            if credit.get("type").maybe_text()? == Some("credit_balance_transaction") {
                sums.push(amount(credit.get("amount"), currency)?);
            }
        }
    }
    let sum = add_up(field, sums.into_iter().map(Ok))?;
    let net = Money::new(opposite(field, sum)?, currency);
    Ok((sum != 0).then(|| line(unitemised::CREDIT, "Credits of the customer's", net, 0)))
}

/// Shipping, which an invoice has beside its lines.
fn shipping(field: Field<'_>, currency: Currency) -> Result<Option<DocumentLine>, Rejection> {
    let cost = field.get("shipping_cost");
    let net = maybe_amount(cost.get("amount_subtotal"), currency)?.unwrap_or(0);
    let tax = maybe_amount(cost.get("amount_tax"), currency)?.unwrap_or(0);
    let shipped = line(unitemised::SHIPPING, "Shipping", Money::new(net, currency), tax);
    Ok((net != 0 || tax != 0).then_some(shipped))
}

fn discounts(line: Field<'_>, currency: Currency) -> Result<i64, Rejection> {
    let discounts = line.get("discount_amounts").items()?;
    add_up(line, discounts.into_iter().map(|discount| amount(discount.get("amount"), currency)))
}

fn quantity_of(line: Field<'_>) -> Result<Decimal, Rejection> {
    if let Some(quantity) = line.get("quantity_decimal").maybe_decimal()? {
        return Ok(quantity);
    }
    Ok(line.get("quantity").maybe_decimal()?.unwrap_or(Decimal::ONE))
}

/// Price of one in major units: as Stripe says, else the amount by the quantity.
fn unit_price(
    line: Field<'_>,
    amount: i64,
    quantity: Decimal,
    currency: Currency,
) -> Result<Decimal, Rejection> {
    let said = [
        line.get("pricing").get("unit_amount_decimal"),
        line.get("unit_amount_decimal"),
        line.get("price").get("unit_amount_decimal"),
        line.get("unit_amount"),
        line.get("plan").get("amount"),
    ];
    let mut minor = None;
    for place in said {
        if minor.is_none() {
            minor = place.maybe_decimal()?;
        }
    }
    let (minor, exponent) = match minor {
        Some(minor) => (minor, STRIPE.exponent(currency)),
        None => {
            let amount = Decimal::from(amount);
            (amount.checked_div(quantity).unwrap_or(amount).round_dp(12), currency.exponent())
        }
    };
    minor.checked_div(Decimal::from(10_i64.pow(exponent))).ok_or_else(|| line.too_large())
}

/// The tax of the whole document. Where billing states it on the document only (older shapes: `tax`), it is
/// spread over the lines by amount, the last taking what rounding leaves. Where it differs from that of the
/// lines, the document's counts, and the difference stands on a line of its own.
fn settle_tax(field: Field<'_>, lines: &mut Vec<DocumentLine>, currency: Currency) -> Result<i64, Rejection> {
    let on_lines = add_up(field, lines.iter().map(|line| Ok(line.tax_minor)))?;
    let list = [field.get("total_taxes"), field.get("total_tax_amounts"), field.get("tax_amounts")]
        .into_iter()
        .find(|list| list.is_there());
    let stated = match list {
        Some(list) => {
            let each = list.items()?.into_iter().map(|tax| amount(tax.get("amount"), currency));
            Some(add_up(field, each)?)
        }
        None => maybe_amount(field.get("tax"), currency)?,
    };
    let Some(stated) = stated.filter(|stated| *stated != on_lines) else { return Ok(on_lines) };
    if on_lines != 0 || lines.is_empty() {
        let rest = within_limits(i128::from(stated) - i128::from(on_lines));
        let rest = rest.ok_or_else(|| field.get("total_taxes").too_large())?;
        lines.push(line("", "Tax that billing has on no line", Money::zero(currency), rest));
        return Ok(stated);
    }
    let first = list.map(Field::items).transpose()?.and_then(|taxes| taxes.first().copied());
    let mut code = first.map(rate_of).transpose()?.flatten();
    if code.is_none() {
        code = field.get("default_tax_rates").items()?.first().map(|r| r.maybe_id()).transpose()?.flatten();
    }
    spread(field, stated, lines)?;
    for line in lines.iter_mut().filter(|line| line.tax_code.is_none()) {
        line.tax_code.clone_from(&code);
    }
    Ok(stated)
}

fn spread(field: Field<'_>, tax: i64, lines: &mut [DocumentLine]) -> Result<(), Rejection> {
    let too_large = || field.too_large();
    let base: i128 = lines.iter().map(|line| i128::from(line.amount_minor.unwrap_or(0))).sum();
    let mut left = i128::from(tax);
    let count = lines.len();
    for (position, line) in lines.iter_mut().enumerate() {
        let amount = i128::from(line.amount_minor.unwrap_or(0));
        let share = match base {
            _ if position + 1 == count => left,
            0 => 0,
            _ => i128::from(tax).checked_mul(amount).ok_or_else(too_large)? / base,
        };
        line.tax_minor = within_limits(share).ok_or_else(too_large)?;
        left -= share;
    }
    Ok(())
}

/// Lines and tax must make the total. What billing does not itemise becomes a line of its own, so that it
/// shows
/// as a missing mapping rather than as a wrong entry: a discount on the whole invoice as such, all else
/// without a product.
fn reconcile(field: Field<'_>, lines: &mut Vec<DocumentLine>, total: Money) -> Result<(), Rejection> {
    let sum: i128 =
        lines.iter().map(|l| i128::from(l.amount_minor.unwrap_or(0)) + i128::from(l.tax_minor)).sum();
    let rest =
        within_limits(i128::from(total.minor()) - sum).ok_or_else(|| field.get("lines").too_large())?;
    if rest == 0 {
        return Ok(());
    }
    let whole = field.get("discount").is_there()
        || !field.get("discounts").items()?.is_empty()
        || !field.get("total_discount_amounts").items()?.is_empty();
    let (what, description) = match rest < 0 && whole {
        true => (unitemised::DISCOUNT, "Discount on the whole document"),
        false => ("", "Not itemised by billing (credits or rounding)"),
    };
    lines.push(line(what, description, Money::new(rest, total.currency()), 0));
    Ok(())
}
