//! What headings mean, in English, German, French and Spanish. A heading is looked up by its words, without
//! case, accents, marks, and a currency behind it.

use tieout_domain::Currency;

/// What a column can be. Several of them may play one role of a map: which, the file's own rows decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    /// The date under which it is booked.
    PostingDate,
    /// A date.
    Date,
    /// The date of the document.
    DocumentDate,
    /// The account by its code.
    AccountCode,
    /// The account.
    Account,
    /// What the account is called.
    AccountName,
    /// What the account is for.
    AccountType,
    /// The account of the other side.
    Contra,
    /// Amounts on the debit side.
    Debit,
    /// Amounts on the credit side.
    Credit,
    /// Amounts.
    Amount,
    /// Amounts in the currency of the books.
    LocalAmount,
    /// Amounts in the currency of the document.
    ForeignAmount,
    /// The word for the side.
    Flag,
    /// The currency.
    Currency,
    /// The currency of the books.
    LocalCurrency,
    /// The currency of the document.
    ForeignCurrency,
    /// The number of the journal.
    Journal,
    /// The number of the document.
    Reference,
    /// A number that names a document, or a journal.
    Number,
    /// The kind of journal or document.
    Type,
    /// A text.
    Memo,
    /// The legal entity.
    Entity,
    /// The status.
    Status,
    /// The accounting period.
    Period,
    /// A running balance, or another amount that is no line's.
    Balance,
    /// A customer.
    Customer,
    /// A product.
    Product,
    /// Tax.
    Tax,
    /// An amount with tax.
    Gross,
    /// An amount without tax.
    Net,
    /// The country.
    Country,
    /// How many.
    Quantity,
    /// The price of one.
    UnitPrice,
}

/// The headings of each, separated by bars.
const WORDS: &[(Part, &str)] = &[
    (
        Part::PostingDate,
        "posting date|pstng date|post date|posted date|date posted|gl date|g l date|accounting date|\
         booking date|buchungsdatum|buchungstag|bu datum|date comptable|date de comptabilisation|\
         ecrituredate|date ecriture|fecha contable|fecha de contabilizacion|fecha contabilizacion|\
         fecha asiento|effective date|journal date|\
         buch dat|buchdat|buchungsdat|posting dat|fe contab|fecha contab|date cpt|date compta",
    ),
    (
        Part::Date,
        "date|datum|fecha|transaction date|trans date|txn date|entry date|date de l ecriture|\
         fecha de asiento|dato|data|tran date|tarih",
    ),
    (
        Part::DocumentDate,
        "document date|doc date|belegdatum|piecedate|date piece|date de piece|fecha documento|\
         fecha de documento|invoice date|rechnungsdatum|date facture|date de facture|fecha factura|\
         fecha de factura|issue date|issued|billing date|billed date|invoice issued|date of invoice",
    ),
    (
        Part::AccountCode,
        "account code|account number|account no|account id|acct no|acct code|acct|gl account|\
         g l account|g l account no|gl account no|gl code|nominal code|nominal account|n c|\
         kontonummer|kontonr|konto nr|sachkonto|comptenum|compte num|numero de compte|numero compte|\
         no compte|codigo de cuenta|codigo cuenta|numero de cuenta|cuenta contable|ledger account|\
         hauptbuchkonto|account code name|nominal|accountcode|general ledger account|main account",
    ),
    (
        Part::Account,
        "account|konto|compte|cuenta|distribution account|ledger|account full name|accounts|\
         compte general",
    ),
    (
        Part::AccountName,
        "account name|account description|account title|kontobezeichnung|kontoname|bezeichnung konto|\
         comptelib|libelle compte|libelle du compte|intitule du compte|nombre de cuenta|\
         nombre cuenta|descripcion cuenta|g l account name|nominal name|gl account name",
    ),
    (
        Part::AccountType,
        "account type|type of account|kontoart|kontotyp|type de compte|tipo de cuenta|account category",
    ),
    (
        Part::Contra,
        "gegenkonto|gegenkonto ohne bu schlussel|contra account|offset account|offsetting account|\
         balancing account|bal account no|compte de contrepartie|contrepartie|contrapartida|\
         against account",
    ),
    (
        Part::Debit,
        "debit|debits|debit amount|dr|dr amount|soll|sollbetrag|betrag soll|umsatz soll|debe|cargo|\
         cargos|montant debit|importe debe|debit amt|amount debit|debet",
    ),
    (
        Part::Credit,
        "credit|credits|credit amount|cr|cr amount|haben|habenbetrag|betrag haben|umsatz haben|haber|\
         abono|abonos|montant credit|importe haber|credit amt|amount credit|kredit",
    ),
    (
        Part::Amount,
        "amount|betrag|umsatz|umsatz ohne soll haben kz|montant|importe|monto|value|signed amount|\
         net amount debit credit|amt|wert|invoice amount|rechnungsbetrag|amount due total|\
         balance amount|transaction amount",
    ),
    (
        Part::LocalAmount,
        "amount in local currency|amount in lc|amount in loc curr|amount lc|local amount|amount lcy|\
         lc amount|functional amount|base amount|home amount|amount in company currency|\
         company currency amount|betrag in hauswahrung|betrag hw|hauswahrungsbetrag|\
         amount in company code currency|company code currency value|betrag in buchungskreiswahrung|\
         montant en devise locale|importe en moneda local|\
         betrag in hw|betrag in hauswahr|betrag hauswahr|betr in hw|amt in loc cur|amount in loc crcy|\
         amount in local cur|importe en ml|importe en moneda loc|montant en dev int|montant devise interne",
    ),
    (
        Part::ForeignAmount,
        "amount in document currency|amount in doc curr|amount in dc|amount in foreign currency|\
         amount in currency|foreign amount|document amount|transaction currency amount|montantdevise|\
         montant en devise|montant devise|betrag in fremdwahrung|betrag in belegwahrung|\
         importe en divisa|amount fc|amount in fc|original amount|source amount|\
         foreign currency amount",
    ),
    (
        Part::Flag,
        "s h|sh|soll haben|soll haben kennzeichen|soll haben kz|d c|dc|dr cr|debit credit|\
         debit credit ind|debit credit indicator|debit or credit|d h|debe haber|sens|dc indicator|\
         drcr|debit credit code|side",
    ),
    (
        Part::Currency,
        "currency|cur|curr|ccy|currency code|crcy|wahrung|waehrung|wkz|wkz umsatz|devise|moneda|\
         divisa|iso|curr code|whg|code devise|transaction currency|currency iso",
    ),
    (
        Part::LocalCurrency,
        "local currency|lcurr|loc currency|hauswahrung|company currency|functional currency|\
         base currency|home currency|company code currency|\
         hwahr|hauswahr|hw|loc crcy|ml|dev int",
    ),
    (
        Part::ForeignCurrency,
        "document currency|doc currency|doc curr|foreign currency|idevise|belegwahrung|fremdwahrung|\
         original currency",
    ),
    (
        Part::Journal,
        "journal|journal no|journal number|journal id|journal entry|journal entry no|\
         journal entry number|je number|je no|je|entry no|entry number|entry id|trans|trans no|\
         transaction no|transaction number|transaction id|tran no|txn id|txn no|internal id|\
         buchungsnummer|buchungsnr|buchungs nr|ecriturenum|numero ecriture|no ecriture|asiento|\
         n asiento|no asiento|numero de asiento|num asiento|voucher|voucher no|voucher number|\
         voucher id|documentno|posting no|posting number|journalnr|journalnummer|je id|batch entry|\
         belegnummer buchung|n doc contable|documentno 1",
    ),
    (
        Part::Reference,
        "reference|ref|ref no|reference no|reference number|assignment|zuordnung|belegfeld 1|\
         belegfeld1|pieceref|piece ref|reference piece|external document no|external doc no|\
         referencia|referenz|num|check no|our reference|reference document|reference key|\
         source document|invoice ref|factura|n factura|no factura|numero de factura|no piece|n piece|\
         numero piece|numero de piece|rechnungsnummer|rechnungsnr|rechnung|invoice no|invoice number|\
         invoice|numero facture|numero de facture|no facture|n facture|\
         asignacion|affectation",
    ),
    (
        Part::Number,
        "number|no|document number|document no|document|doc no|doc number|doc|belegnummer|belegnr|\
         beleg nr|beleg|numero|nummer|nr|documento|numero documento|n documento|tran number|\
         document id|reference id|id",
    ),
    (
        Part::Type,
        "type|transaction type|document type|doc type|ty|belegart|trans type|journalcode|\
         journal code|code journal|source|tipo|tipo documento|pr|voucher type|diario|source code|\
         txn type|kind|typ|art|entry type|journal type",
    ),
    (
        Part::Memo,
        "memo|description|memo description|text|buchungstext|ecriturelib|details|narration|narrative|\
         libelle|concepto|descripcion|particulars|line description|beschreibung|verwendungszweck|\
         remarks|label|comment|bezeichnung|glosa",
    ),
    (
        Part::Entity,
        "entity|company|company code|subsidiary|legal entity|buchungskreis|mandant|societe|sociedad|\
         empresa|cocd|firma",
    ),
    (Part::Status, "status|state|statut|estado|posting status|invoice status|document status"),
    (Part::Period, "period|fiscal period|posting period|accounting period|periode|periodo|buchungsperiode"),
    (Part::Balance, "balance|running balance|saldo|solde|gross|cumulative balance|kontostand|balance lcy"),
    (
        Part::Customer,
        "customer|customer id|customer name|client|kunde|kundennummer|cliente|account holder|name|\
         partner|debitor",
    ),
    (Part::Product, "product|item|sku|product id|produkt|artikel|produit|producto|stock code|plan|service"),
    (
        Part::Tax,
        "tax|vat|tax amount|vat amount|mwst|ust|steuer|steuerbetrag|mehrwertsteuer|tva|montant tva|\
         iva|impuesto|importe iva|gst|sales tax|cuota iva",
    ),
    (
        Part::Gross,
        "total|gross amount|total amount|invoice total|brutto|bruttobetrag|gesamtbetrag|ttc|\
         montant ttc|total ttc|importe total|grand total|amount incl tax|amount including tax|\
         total incl tax|gross total|total with tax|total incl vat",
    ),
    (
        Part::Net,
        "subtotal|net amount|netto|nettobetrag|ht|montant ht|total ht|base imponible|importe neto|\
         neto|amount excl tax|amount excluding tax|net|total excl tax|untaxed amount|tax excluded|\
         sub total|net total|total without tax",
    ),
    (Part::Country, "country|land|pays|pais|country code"),
    (Part::Quantity, "quantity|qty|menge|quantite|cantidad|units"),
    (
        Part::UnitPrice,
        "unit price|price|einzelpreis|preis|prix unitaire|precio|precio unitario|unit amount|rate",
    ),
];

/// A letter without its accent.
fn bare(c: char) -> char {
    match c {
        '\u{e0}'..='\u{e5}' => 'a',
        '\u{e7}' => 'c',
        '\u{e8}'..='\u{eb}' => 'e',
        '\u{ec}'..='\u{ef}' => 'i',
        '\u{f1}' => 'n',
        '\u{f2}'..='\u{f6}' | '\u{f8}' => 'o',
        '\u{f9}'..='\u{fc}' => 'u',
        other => other,
    }
}

/// The words of a heading.
#[must_use]
pub fn plain(heading: &str) -> String {
    let letter = |c: char| match c {
        '\u{ba}' | '\u{aa}' => ' ',
        c if c.is_alphanumeric() => c,
        _ => ' ',
    };
    let text: String = heading.to_lowercase().chars().map(bare).map(letter).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn listed(words: &str) -> Option<Part> {
    WORDS.iter().find(|(_, list)| list.split('|').any(|known| known == words)).map(|(part, _)| *part)
}

/// The currency that stands behind a heading: `Debit (GBP)`.
#[must_use]
pub fn currency_of(heading: &str) -> Option<Currency> {
    let text: String = heading.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    let (_, last) = text.trim_end().rsplit_once(' ')?;
    (last.chars().all(|c| c.is_ascii_uppercase())).then(|| Currency::new(last).ok())?
}

/// A heading as profiles name it: with and without a currency behind it.
#[must_use]
pub fn alike(heading: &str) -> Vec<String> {
    let words = plain(heading);
    match (currency_of(heading), words.rsplit_once(' ')) {
        (Some(_), Some((before, _))) => vec![before.to_owned(), words],
        _ => vec![words],
    }
}

/// What a heading means.
#[must_use]
pub fn part(heading: &str) -> Option<Part> {
    let words = plain(heading);
    if let Some(part) = listed(&words) {
        return Some(part);
    }
    // `Debit (GBP)`, `Date (UTC)`, `Journal Items/Account`, `Invoice lines/Subtotal`
    let without = match words.rsplit_once(' ') {
        Some((before, last)) if last == "utc" || currency_of(heading).is_some() => listed(before),
        _ => None,
    };
    let (_, behind) = heading.rsplit_once('/').unwrap_or_default();
    without.or_else(|| listed(&plain(behind))).or_else(|| of_group(&words))
}

/// Words before a heading that leave it what it is; of an amount or a date they say which.
const TITLES: [&str; 22] = [
    "local",
    "functional",
    "base",
    "home",
    "company",
    "lc",
    "foreign",
    "transaction",
    "document",
    "original",
    "fc",
    "posting",
    "booking",
    "journal",
    "line",
    "lines",
    "item",
    "items",
    "invoice",
    "entry",
    "gl",
    "ledger",
];

/// A column below a title: `Functional Debit`, `Posting Document`.
fn of_group(words: &str) -> Option<Part> {
    let (title, own) = words.split_once(' ').filter(|(title, _)| TITLES.contains(title))?;
    let found = listed(own).or_else(|| of_group(own))?;
    let local = ["local", "functional", "base", "home", "company", "lc"].contains(&title);
    let foreign = ["foreign", "transaction", "document", "original", "fc"].contains(&title);
    Some(match found {
        Part::Amount if local => Part::LocalAmount,
        Part::Amount if foreign => Part::ForeignAmount,
        Part::Currency if local => Part::LocalCurrency,
        Part::Currency if foreign => Part::ForeignCurrency,
        Part::Date if title == "posting" || title == "booking" => Part::PostingDate,
        Part::Date if title == "document" => Part::DocumentDate,
        other => other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_of_four_languages_are_known_by_their_words() {
        for (heading, want) in [
            ("Pstng Date", Part::PostingDate),
            ("Doc..Date ", Part::DocumentDate),
            ("Soll/Haben-Kennzeichen", Part::Flag),
            ("Umsatz (ohne Soll/Haben-Kz)", Part::Amount),
            ("Gegenkonto (ohne BU-Schl\u{fc}ssel)", Part::Contra),
            ("D\u{e9}bit", Part::Debit),
            ("Haber", Part::Credit),
            ("Journal Items/Account", Part::Account),
            ("Invoice lines/Subtotal", Part::Net),
            ("Debit (GBP)", Part::Debit),
            ("Date (UTC)", Part::Date),
            ("Amount in LC", Part::LocalAmount),
            ("Posting Document", Part::Number),
            ("Booking Account", Part::Account),
            ("N\u{ba} Asiento", Part::Journal),
            ("Account Type", Part::AccountType),
        ] {
            assert_eq!(part(heading), Some(want), "{heading}");
        }
        assert_eq!(part("Line amount"), Some(Part::Amount));
        for heading in ["Pine Ridge", "Due Date", "Paid Amount"] {
            assert_eq!(part(heading), None, "{heading}");
        }
        assert_eq!(currency_of("Debit GBP"), Some(Currency::GBP));
        assert_eq!(currency_of("Net for"), None);
    }
}
