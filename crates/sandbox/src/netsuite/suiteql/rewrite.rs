//! Checks a query's words and rewrites those that SQLite reads differently.

/// Words that SuiteQL does not have, or that would change something.
const REFUSED_WORDS: [&str; 20] = [
    "limit",
    "insert",
    "update",
    "delete",
    "drop",
    "create",
    "alter",
    "attach",
    "detach",
    "pragma",
    "vacuum",
    "reindex",
    "analyze",
    "begin",
    "commit",
    "rollback",
    "savepoint",
    "release",
    "glob",
    "regexp",
];

/// Functions that SuiteQL documents and that the sandbox has.
const FUNCTIONS: [&str; 30] = [
    "to_date",
    "to_char",
    "to_number",
    "to_timestamp",
    "nvl",
    "nvl2",
    "decode",
    "trunc",
    "add_months",
    "last_day",
    "greatest",
    "least",
    "builtin.df",
    "sum",
    "count",
    "min",
    "max",
    "avg",
    "upper",
    "lower",
    "substr",
    "replace",
    "trim",
    "ltrim",
    "rtrim",
    "round",
    "abs",
    "length",
    "instr",
    "coalesce",
];

/// More functions, and the keywords that may stand before a parenthesis.
const BEFORE_PARENTHESIS: [&str; 28] = [
    "nullif",
    "cast",
    "mod",
    "in",
    "exists",
    "and",
    "or",
    "not",
    "on",
    "from",
    "join",
    "where",
    "when",
    "then",
    "else",
    "as",
    "select",
    "having",
    "by",
    "union",
    "all",
    "any",
    "between",
    "over",
    "row_number",
    "rank",
    "distinct",
    "values",
];

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    /// A word, with its dots (`t.id`).
    Word(String),
    /// A quoted text or name, with its quotes.
    Quoted(String),
    /// A number, a sign, white space.
    Other(String),
}

/// The query as SQLite takes it.
///
/// # Errors
/// What is wrong, in words.
pub(super) fn rewrite(query: &str) -> Result<String, String> {
    let tokens = tokens(query)?;
    let words = tokens.iter().filter_map(|token| match token {
        Token::Word(word) => Some(word.to_lowercase()),
        Token::Quoted(_) | Token::Other(_) => None,
    });
    let words: Vec<String> = words.collect();
    match words.first().map(String::as_str) {
        Some("select" | "with") => {}
        Some(_) | None => return Err("Only SELECT statements are supported.".to_owned()),
    }
    for word in &words {
        if REFUSED_WORDS.contains(&word.as_str()) {
            return Err(format!("Unexpected token: {}.", word.to_uppercase()));
        }
        if word.split('.').any(hidden) {
            return Err(format!("Record '{word}' was not found."));
        }
    }
    if tokens.iter().any(|token| matches!(token, Token::Quoted(text) if hidden(text))) {
        return Err("Record was not found.".to_owned());
    }
    fetch_first(&render(&tokens)?)
}

/// Refuses a query that names what the account does not have, or what the role may not see: the vendor's
/// words do not tell the two apart.
///
/// # Errors
/// What is wrong, in words.
pub(super) fn refuse(query: &str, lacking: &[&str], unseen: &[String]) -> Result<(), String> {
    let tokens = tokens(query)?;
    let mut after_from = false;
    for token in &tokens {
        let Token::Word(word) = token else { continue };
        let lower = word.to_lowercase();
        let (record, field) = match lower.split_once('.') {
            Some((_, field)) => (None, Some(field)),
            None => (after_from.then_some(lower.as_str()), None),
        };
        if let Some(record) = record
            && (lacking.contains(&record) || unseen.iter().any(|hidden| hidden == record))
        {
            return Err(format!("Record '{record}' was not found."));
        }
        if let Some(field) = field.filter(|field| lacking.contains(field)) {
            return Err(format!("Field '{field}' for record 'transaction' was not found."));
        }
        after_from = matches!(lower.as_str(), "from" | "join");
    }
    Ok(())
}

/// Whether a name (quoted or not) is one of the book's own tables, or SQLite's.
fn hidden(name: &str) -> bool {
    let bare = name.strip_prefix('"').unwrap_or(name).to_lowercase();
    bare.starts_with("b_") || bare.starts_with("sqlite_")
}

/// Splits a query; a semicolon or an unclosed quote is refused.
fn tokens(query: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = query;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '\'' | '"' => {
                let close = rest.char_indices().skip(1).find(|(_, character)| *character == first);
                close.map(|(at, _)| at + 1).ok_or("A quote is not closed.")?
            }
            ';' => return Err("Unexpected token: ;".to_owned()),
            character if character.is_alphabetic() || character == '_' => rest
                .find(|character: char| {
                    !(character.is_alphanumeric() || matches!(character, '_' | '.' | '$'))
                })
                .unwrap_or(rest.len()),
            character if character.is_ascii_digit() => rest
                .find(|character: char| !(character.is_alphanumeric() || character == '.'))
                .unwrap_or(rest.len()),
            character => character.len_utf8(),
        };
        let (text, tail) = rest.split_at(length);
        let text = text.to_owned();
        tokens.push(match first {
            '\'' | '"' => Token::Quoted(text),
            character if character.is_alphabetic() || character == '_' => Token::Word(text),
            _ => Token::Other(text),
        });
        rest = tail;
    }
    Ok(tokens)
}

fn render(tokens: &[Token]) -> Result<String, String> {
    let mut sql = String::new();
    for (position, token) in tokens.iter().enumerate() {
        match token {
            Token::Quoted(text) | Token::Other(text) => sql.push_str(text),
            Token::Word(word) => {
                let called = tokens.iter().skip(position + 1).find(|next| !is_space(next));
                let called = called == Some(&Token::Other("(".to_owned()));
                sql.push_str(&render_word(word, called)?);
            }
        }
    }
    Ok(sql)
}

fn is_space(token: &Token) -> bool {
    match token {
        Token::Other(text) => text.trim().is_empty(),
        Token::Word(_) | Token::Quoted(_) => false,
    }
}

fn render_word(word: &str, called: bool) -> Result<String, String> {
    let lower = word.to_lowercase();
    if lower == "sysdate" || lower == "current_date" {
        return Ok("sysdate()".to_owned());
    }
    if called {
        if lower == "builtin.df" {
            return Ok("builtin_df".to_owned());
        }
        let known = FUNCTIONS.contains(&lower.as_str()) || BEFORE_PARENTHESIS.contains(&lower.as_str());
        // An alias of a derived table or a CTE's name may stand there too, but only names of functions
        // matter.
        if !known {
            return Err(format!("Function or keyword '{word}' is unknown."));
        }
        return Ok(word.to_owned());
    }
    let parts = word.split('.').map(|part| match part.to_lowercase().as_str() {
        "transaction" => "\"transaction\"".to_owned(),
        _ => part.to_owned(),
    });
    Ok(parts.collect::<Vec<_>>().join("."))
}

/// `FETCH FIRST n ROWS ONLY` at the end becomes SQLite's LIMIT.
fn fetch_first(sql: &str) -> Result<String, String> {
    let lower = sql.to_lowercase();
    let Some(at) = lower.rfind("fetch first") else {
        return Ok(sql.to_owned());
    };
    let words: Vec<&str> = lower.get(at..).unwrap_or_default().split_whitespace().collect();
    match words.as_slice() {
        ["fetch", "first", count, "row" | "rows", "only"] if count.parse::<u32>().is_ok() => {
            Ok(format!("{}LIMIT {count}", sql.get(..at).unwrap_or_default()))
        }
        _ => Err("Unexpected token: FETCH.".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transaction_is_a_name_and_oracle_words_are_rewritten() {
        let cases = [
            ("SELECT t.id FROM transaction t", Some("SELECT t.id FROM \"transaction\" t")),
            (
                "SELECT tl.transaction FROM transactionline tl",
                Some("SELECT tl.\"transaction\" FROM transactionline tl"),
            ),
            (
                "SELECT Transaction.id FROM Transaction",
                Some("SELECT \"transaction\".id FROM \"transaction\""),
            ),
            ("SELECT 'transaction' FROM account", Some("SELECT 'transaction' FROM account")),
            ("SELECT SYSDATE FROM currency", Some("SELECT sysdate() FROM currency")),
            (
                "SELECT BUILTIN.DF(t.currency) FROM transaction t",
                Some("SELECT builtin_df(t.currency) FROM \"transaction\" t"),
            ),
            ("SELECT id FROM account FETCH FIRST 5 ROWS ONLY", Some("SELECT id FROM account LIMIT 5")),
            ("SELECT id FROM account LIMIT 5", None),
            ("DELETE FROM account", None),
            ("SELECT id FROM account; SELECT 1", None),
            ("SELECT id FROM b_entry", None),
            ("SELECT strftime('%Y', trandate) FROM transaction", None),
            ("SELECT 'open FROM account", None),
        ];
        for (query, expected) in cases {
            assert_eq!(rewrite(query).ok().as_deref(), expected, "{query}");
        }
    }
}
