//! Where the CLI gets secrets from: the environment, a file that the environment names, else a prompt when
//! there is a terminal. Nothing that is typed is shown, and nothing of it is printed.

use std::{
    env,
    io::{IsTerminal as _, Write as _},
    path::Path,
    sync::{Mutex, PoisonError},
};

use serde_json::{Value, json};
use tieout_desk::{DeskError, Session};
use tieout_vault::{Passphrase, PassphraseFor, PassphraseSource, SecretError, SecretText};

/// A session for the person named by `--as`.
pub fn session(acting: Option<String>) -> Session {
    Session { acting, passphrases: Box::new(Prompt), enrolment: Box::new(enrolment_code) }
}

/// The variable of the passphrase that was asked for last, for the words of an error.
static ASKED: Mutex<Option<&'static str>> = Mutex::new(None);

/// Which variable could have given what was asked for last.
pub fn asked_last() -> Option<&'static str> {
    *ASKED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The environment first, then the terminal.
pub struct Prompt;

impl PassphraseSource for Prompt {
    fn ask(&self, what: &PassphraseFor) -> Result<Passphrase, SecretError> {
        given(what).map(Passphrase::new)
    }
}

/// What the environment has of this name, or what is typed.
fn given(what: &PassphraseFor) -> Result<String, SecretError> {
    *ASKED.lock().unwrap_or_else(PoisonError::into_inner) = Some(what.variable());
    if let Some(given) = from_environment(what.variable())? {
        return Ok(given);
    }
    if !std::io::stdin().is_terminal() {
        return Err(what.missing());
    }
    let typed = typed(&format!("Enter {}: ", what.words())).ok_or_else(|| what.missing())?;
    if what.is_new() && self::typed("Once more: ").as_deref() != Some(typed.as_str()) {
        eprintln!("The two differ: nothing was set.");
        return Err(what.missing());
    }
    Ok(typed)
}

/// A passphrase and the one that it is to be changed to, as the command takes them.
pub fn change(present: &PassphraseFor, next: &PassphraseFor) -> Result<Value, DeskError> {
    Ok(json!({ "passphrase": given(present)?, "new_passphrase": given(next)? }))
}

/// The passphrase of a person who is being added and sits at this terminal, or has handed it over in
/// TIEOUT_NEW_PERSON_PASSPHRASE; without either they get an enrolment code.
pub fn new_person_passphrase(name: &str) -> Result<Option<String>, DeskError> {
    if let Some(given) = from_environment("TIEOUT_NEW_PERSON_PASSPHRASE")? {
        return Ok(Some(given));
    }
    if !std::io::stdin().is_terminal() {
        return Ok(None);
    }
    let question = format!("New personal passphrase of {name} (empty: they set it later with a code): ");
    let typed = typed(&question).filter(|typed| !typed.is_empty());
    Ok(typed.filter(|typed| self::typed("Once more: ").as_ref() == Some(typed)))
}

fn enrolment_code(person: &str) -> Option<String> {
    // A file that cannot be read gives no code: that there is none is then said.
    from_environment("TIEOUT_ENROLMENT_CODE").ok().flatten().or_else(|| {
        std::io::stdin().is_terminal().then(|| typed(&format!("Enrolment code of {person}: "))).flatten()
    })
}

/// One credential of a connection: TIEOUT_CREDENTIAL_<FIELD>, else the prompt.
pub fn credential(field: &str) -> Result<Option<String>, DeskError> {
    let variable = format!("TIEOUT_CREDENTIAL_{}", field.to_ascii_uppercase());
    let given = from_environment(&variable)?
        .or_else(|| std::io::stdin().is_terminal().then(|| typed(&format!("Enter {field}: "))).flatten());
    Ok(given.filter(|given| !given.is_empty()))
}

/// What the environment has of this name, or what stands in the file that it names under `<name>_FILE`: a
/// scheduler's secret then stands in no environment, which other programs of the account may read.
fn from_environment(variable: &str) -> Result<Option<String>, SecretError> {
    if let Some(given) = env::var(variable).ok().filter(|value| !value.is_empty()) {
        return Ok(Some(given));
    }
    let Some(file) = env::var_os(format!("{variable}_FILE")).filter(|name| !name.is_empty()) else {
        return Ok(None);
    };
    let secret = SecretText::from_file(Path::new(&file))?;
    Ok(Some(secret.expose().to_owned()).filter(|value| !value.is_empty()))
}

/// True where somebody sits at a terminal who sees what is shown and can answer.
pub fn at_a_terminal() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// Whether the person at the terminal says yes; anything else is no.
pub fn yes(question: &str) -> bool {
    eprint!("{question} [y/N] ");
    let _ = std::io::stderr().flush();
    let mut answer = String::new();
    let read = std::io::stdin().read_line(&mut answer);
    read.is_ok() && matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes")
}

fn typed(prompt: &str) -> Option<String> {
    eprint!("{prompt}");
    // A prompt that cannot be shown is no reason not to read the answer.
    let _ = std::io::stderr().flush();
    rpassword::read_password().ok()
}
