//! What accounts are called, in English, French, German, Dutch and Spanish: the words that speak for a role,
//! how strongly, and those that speak against it. Words are compared without case, accents and marks; one
//! that ends in `*` is the beginning of a word.

use tieout_domain::mapping::Role;

/// Names a role and nothing else.
pub(super) const STRONG: i32 = 50;
/// Could be meant.
pub(super) const FAIR: i32 = 34;
/// May be taken where there is nothing better.
pub(super) const WEAK: i32 = 22;

/// The words of a role.
pub(super) struct Words {
    /// What speaks for it: words separated by bars, by how strongly.
    pub(super) speak_for: &'static [(i32, &'static str)],
    /// What speaks against it.
    pub(super) against: &'static str,
}

/// Of any role: accounts of other people, other times, other trades and other sides.
pub(super) const AGAINST_ALL: &str = "groupe | group | verbund* | gesellschafter* | gesellsch | \
    beteilig* | asociad* | vinculad* | grupo | verbonden | intercompany | inter company | \
    participation | salaire* | payroll | lohn* | salary | salaries | wages | personnel | personal | \
    personeel* | employee* | paragraf* | gegenkonto | gegenkto | moneda extranjera | \
    foreign currency | foreign currencies | en devises | 4 3 | inventory | stock | vorjahr | \
    fruhere | prior year | previous year | ruckstellung* | opening balance*";

const RECEIVABLE: Words = Words {
    speak_for: &[
        (
            STRONG,
            "accounts receivable | trade receivable* | trade debtor* | trade accounts receivable | \
                debtors control | receivables control | clients | forderungen aus lieferungen | \
                debitoren | handelsdebiteuren | debiteuren | clientes | account receivable | \
                trade and other receivables",
        ),
        (FAIR, "debtors | receivable* | customers | handelsvorderingen | creances clients | klanten"),
        (WEAK, "forderungen | creances commerciales | deudores"),
    ],
    against: "douteux | douteuses | litigieux | doubtful | zweifelhaft* | dudoso | dubieuz* | bad | \
        effets | bills | notes | wechsel* | efectos | wissels | factures | accrued | unbilled | \
        non encore | interets | depreciation* | reductions | waardeverminderingen | \
        wertberichtigung* | einzelwert* | pauschalwert* | deterioro | allowance | provision* | \
        impairment | retenues | autres | other | sonstige | otros | overige | diverse* | diverses | \
        acompte* | avances | avoirs | anzahlung* | anticipos | vooruit* | aufteilung | factoring | \
        envases | emballages | tax | vat | iva | tva | hacienda | pendientes | estg | ustg | \
        ermassigt* | allgem* | stfr | jahr* | creditors | payable | deposit* | rabais | pro forma | \
        g 1 j | b 1 j",
};

const REVENUE: Words = Words {
    speak_for: &[
        (
            STRONG,
            "subscription revenue | subscriptions | saas revenue | product revenue | sales revenue | \
                service revenue | services revenue | revenue from services | \
                prestations de services | prestaciones de servicios | verkopen en dienstprestaties | \
                ventes et prestations | recurring revenue",
        ),
        (
            FAIR,
            "sales | revenue | erlose | umsatzerlose | ventes de marchandises | \
                ventas de mercaderias | ventas de mercancias | omzet | turnover | services | \
                sales of product income | fees billed",
        ),
        (WEAK, "ventes | ventas | verkopen | income | chiffre d affaires | usage | licence* | license*"),
    ],
    against: "rabais | remises | ristournes | discount* | refund* | return* | skonti | rabatt* | \
        boni | erlosschmalerung* | nachlass* | descuentos | devoluciones | rappels | korting* | \
        variation | interest | zins* | steuerfrei* | steuerbar* | eg | drittland | 16 | 15 | 7 | \
        asset* | anlage* | sachanlage* | provision* | other | sonst* | autres | gain* | subvention* | \
        subside* | transfer* | sachbezug* | abfall* | envases | emballages | semiterminados | \
        subproductos | residuels | intermediaires | deferred | unearned | dividend* | rent* | miete | \
        cost | costs | uncategori* | unapplied | shipping | freight | tax | foreign exchange | \
        currency | statistisch* | stat | aufteilung | commissions | provisions | ustg | \
        sachanlageverkauf*",
};

const TAX: Words = Words {
    speak_for: &[
        (
            STRONG,
            "sales tax payable | output vat | vat output | vat on sales | output tax | \
                tva collectee | umsatzsteuer 19 | iva repercutido | iva devengado | te betalen btw | \
                btw te betalen | verschuldigde btw | tva a payer | gst collected | \
                sales tax agency payable | output gst",
        ),
        (
            FAIR,
            "sales tax | vat payable | vat control | vat liability | vat | gst payable | \
                gst hst payable | gst | umsatzsteuer | mehrwertsteuer | btw | sales taxes payable | \
                mwst",
        ),
        (WEAK, "taxes payable | tax payable | taxes sur le chiffre d affaires collectees | tva"),
    ],
    against: "deductible* | recuper* | soportado | vorsteuer | input | acomptes | vorauszahlung* | \
        prepay* | prepaid | regularis* | decaisser | credit | intracommunautaire | eg | erwerb | 16 | \
        15 | 5 | 7 | fallig | laufendes | 13b | 13a | einfuhr* | import | immobilisations | withh* | \
        reten* | income | corporate | profits | societes | impots | transferee | assimilees | \
        parvenues | etablir | acreedora | deudora | terug* | recoverable | receivable | suspense | \
        paid | refund* | expense | penalt* | property | nachsteuer | unrichtig* | ausgew* | \
        abziehbar* | remboursement | recuperee | autres biens | reverse charge | purchases",
};

const CLEARING: Words = Words {
    speak_for: &[
        (
            STRONG,
            "undeposited funds | payment clearing | payments clearing | card clearing | paypal | \
                adyen | braintree | gocardless | mollie | merchant clearing | funds in transit | \
                cash in transit | payments in transit | money in transit | geldtransit | \
                processor clearing | cash clearing | payment processor",
        ),
        (
            FAIR,
            "clearing | valeurs a l encaissement | valeurs echues a l encaissement | \
                virements internes | te incasseren vervallen waarden | interne overboekingen | \
                kruisposten | in transit | fonds en transit | gelden onderweg | undeposited",
        ),
    ],
    against: "fx | exchange | tax | payroll | grni | received not | goods | coupons | cheques | \
        escompte | fees | charges | fee | wage* | revaluation | expense* | commission* | \
        intercompany | asset | ar clearing | vat | gains | losses",
};

const FEES: Words = Words {
    speak_for: &[
        (
            STRONG,
            "merchant fees | merchant account fees | payment processing fees | processing fees | \
                paypal fees | card fees | transaction fees | credit card fees | payment fees | \
                processor fees | bank charges | bank fees | bank service charges | \
                services bancaires | frais bancaires | nebenkosten des geldverkehrs | \
                servicios bancarios | bankkosten | bank charges fees | transactiekosten | \
                payment processor fees",
        ),
        (
            FAIR,
            "commissions bancaires | comisiones bancarias | bankgebuhren | kontofuhrung* | \
                bankdiensten | bank revaluations fees",
        ),
        (WEAK, "charges financieres diverses | diverse financiele kosten | merchant"),
    ],
    against: "interest | interets | zins* | titres | emprunts | factoring | coffres | legal | \
        professional | late | income | revenue | received | earned | billable | loan*",
};

const BAD_DEBT: Words = Words {
    speak_for: &[
        (
            STRONG,
            "bad debt* | bad debts expense | creances irrecouvrables | \
                pertes sur creances irrecouvrables | forderungsverlust* | \
                creditos comerciales incobrables | uncollectible* | oninbare vorderingen | \
                write off* | written off | credit losses | debiteurenverliezen | irrecoverable debts",
        ),
        (
            FAIR,
            "realisation de creances commerciales | realisatie van handelsvorderingen | incobrables | \
                doubtful debts expense | doubtful accounts expense",
        ),
    ],
    against: "allowance | provision* | dotation* | depreciation* | recover* | reprise* | recupere* | \
        eg | 16 | 15 | 7 | plus values | meerwaarden | deterioro | anterieurs | inventory write | \
        asset* | einstellung",
};

const BANK: Words = Words {
    speak_for: &[
        (
            STRONG,
            "bank account | business bank account | checking | checking account | operating account | \
                cash at bank | banques | comptes courants | bancos e instituciones | zichtrekening* | \
                bankkonto | current account | business checking | operating bank | cash in bank",
        ),
        (
            FAIR,
            "bank | bancos | rekening courant | compte courant | betaalrekening | giro | \
                kredietinstellingen | cash",
        ),
        (WEAK, "etablissements de credit | compte"),
    ],
    against: "charges | fees | fee | loan* | emprunt* | interest | ahorro | savings | postbank | \
        post* | emis | reductions | credit card | overdraft | verbindlichkeiten | caisse | kasse | \
        caja | petty | revaluation* | on hand | undeposited | clearing | equivalents | paypal | \
        transit | autres | associes | socios | notes | deposit | cash back | finanzmittel* | lzb | \
        bundesbank* | director*",
};

const DEFERRED: Words = Words {
    speak_for: &[
        (
            STRONG,
            "deferred revenue | unearned revenue | deferred income | contract liabilit* | \
                unearned income | produits constates d avance | passive rechnungsabgrenzung* | \
                ingresos anticipados | over te dragen opbrengsten | income in advance | \
                revenue received in advance",
        ),
        (FAIR, "produits a reporter | customer prepayments | erhaltene anzahlungen"),
    ],
    against: "expense* | asset | long term | lang* | cost*",
};

const FX_GAINS: Words = Words {
    speak_for: &[
        (
            STRONG,
            "realised currency gains | realized gain* | gains de change | exchange gain* | \
                ertrage aus wahrungs* | ertrage aus kursdifferenzen | \
                diferencias positivas de cambio | realised exchange gain* | foreign exchange gain*",
        ),
        (FAIR, "currency gain*"),
    ],
    against: "unrealised | unrealized | loss | losses",
};

const FX_LOSSES: Words = Words {
    speak_for: &[
        (
            STRONG,
            "realised currency losses | realized loss* | pertes de change | exchange loss* | \
                aufwendungen aus wahrungs* | aufwendungen aus kursdifferenzen | \
                diferencias negativas de cambio | realised exchange loss* | foreign exchange loss*",
        ),
        (FAIR, "currency loss*"),
    ],
    against: "unrealised | unrealized | gain | gains",
};

const FX_CLEARING: Words = Words {
    speak_for: &[(STRONG, "fx clearing | currency clearing | exchange clearing | foreign exchange clearing")],
    against: "expense*",
};

/// The roles that a chart can speak for, with their words.
pub(super) const ROLES: &[(Role, &Words)] = &[
    (Role::Receivable, &RECEIVABLE),
    (Role::DeferredRevenue, &DEFERRED),
    (Role::TaxPayable, &TAX),
    (Role::Clearing, &CLEARING),
    (Role::Fees, &FEES),
    (Role::BadDebt, &BAD_DEBT),
    (Role::FxClearing, &FX_CLEARING),
    (Role::FxGains, &FX_GAINS),
    (Role::FxLosses, &FX_LOSSES),
    (Role::Bank, &BANK),
    (Role::Revenue, &REVENUE),
];

/// The words of a text, without case, accents and marks. Initials with stops between them are one word.
pub(super) fn words_of(text: &str) -> Vec<String> {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase) {
        match c {
            'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' => plain.push('a'),
            'è' | 'é' | 'ê' | 'ë' => plain.push('e'),
            'ì' | 'í' | 'î' | 'ï' => plain.push('i'),
            'ò' | 'ó' | 'ô' | 'õ' | 'ö' => plain.push('o'),
            'ù' | 'ú' | 'û' | 'ü' => plain.push('u'),
            'ç' => plain.push('c'),
            'ñ' => plain.push('n'),
            'ß' => plain.push_str("ss"),
            'œ' => plain.push_str("oe"),
            '§' => plain.push_str(" paragraf "),
            c => plain.push(c),
        }
    }
    for (initials, word) in [("t.v.a", "tva"), ("i.v.a", "iva"), ("b.t.w", "btw"), ("v.a.t", "vat")] {
        plain = plain.replace(initials, word);
    }
    let words = plain.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}

/// How many words of a name a phrase takes, where it stands in it.
pub(super) fn found(phrase: &str, name: &[String]) -> Option<usize> {
    let wanted: Vec<&str> = phrase.split_whitespace().collect();
    let fits = |word: &String, wanted: &str| match wanted.strip_suffix('*') {
        Some(beginning) => word.starts_with(beginning),
        None => word == wanted,
    };
    let there = |run: &[String]| run.iter().zip(&wanted).all(|(word, wanted)| fits(word, wanted));
    let stands = !wanted.is_empty() && name.windows(wanted.len()).any(there);
    stands.then_some(wanted.len())
}
