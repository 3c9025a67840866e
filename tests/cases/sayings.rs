//! How this product says what a case's own map does not say although the case asks that it can be said: the
//! README of the cases leaves the words to the product.

/// What is added to or changed in a file of a case: the case, the file, the text that stands there, and what
/// stands there instead.
const SAYINGS: &[(&str, &str, &str, &str)] = &[
    ("billing-file-reference-prefix", "gl.toml", "schema = 1", "schema = 2"),
    (
        "billing-file-reference-prefix",
        "gl.toml",
        "[columns]",
        "[names]\nstrip_prefix = [\"GB\", \"IE\"]\n[columns]",
    ),
    ("billing-file-rounded-line-by-line", "billing.toml", "schema = 1", "schema = 2"),
    (
        "billing-file-rounded-line-by-line",
        "billing.toml",
        "rounding = \"half_up\"",
        "rounding = \"half_up\"\nrounded = \"line\"",
    ),
    ("ledger-file-one-account-per-debtor", "konten.toml", "schema = 1", "schema = 2"),
    (
        "ledger-file-one-account-per-debtor",
        "konten.toml",
        "[columns]",
        "[accounts.roll_up]\n10000 = [\"10000..69999\"]\n[columns]",
    ),
];

/// The text of a case's map as it is imported.
pub fn said(case: &str, file: &str, text: &str) -> String {
    let mut text = text.to_owned();
    for (_, _, from, to) in SAYINGS.iter().filter(|(of, name, ..)| *of == case && *name == file) {
        assert!(text.contains(from), "{case}/{file} has no {from:?}");
        text = text.replacen(from, to, 1);
    }
    text
}
