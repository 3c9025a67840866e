//! What one can do about an error at the command line: the desk's words are the window's too, and know of no
//! prompt, variable or verb.

use tieout_desk::{DeskError, base::code::Code};

use crate::prompt;

/// The error's words, and what to do here.
pub fn with_hint(error: &DeskError) -> String {
    match hint(error) {
        Some(hint) => format!("{}: {hint}", error.message),
        None => error.message.clone(),
    }
}

fn hint(error: &DeskError) -> Option<String> {
    let fixed = match error.code {
        Code::PassphraseMissing => {
            let variable = prompt::asked_last()?;
            return Some(format!("type it at the prompt, or set {variable}"));
        }
        Code::KeyringUnavailable | Code::KeyringLocked => "`tieout init --secrets vault`",
        Code::SecretsNotSetUp => "`tieout restore`, or `tieout init` for a new workspace",
        Code::VaultMissing | Code::VaultDamaged => "`tieout restore`",
        Code::PersonSecretMissing => "`tieout person enrol`",
        Code::PersonUnconfirmed | Code::PostingOff => "`tieout person confirm`",
        Code::EnrolmentCodeMissing => "type it at the prompt, or set TIEOUT_ENROLMENT_CODE",
        Code::CredentialMissing => "set TIEOUT_CREDENTIAL_<FIELD>, or run this in a terminal",
        Code::NobodyActs => "say who acts with --as",
        Code::SettingMissing => "--set NAME=VALUE",
        _ => return None,
    };
    Some(fixed.to_owned())
}

/// What to do here about one of several things that was refused.
pub fn of_outcome(id: &str, code: &str) -> Option<String> {
    match Code::parse(code)? {
        Code::ContentNotShown | Code::ContentChanged => Some(format!(
            "`tieout show {id}`, then `tieout approve {id} --content HASH` with the content_hash that stands \
             there"
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_says_what_to_do_here_and_leaves_other_errors_as_they_are() {
        let said = |code: Code| with_hint(&DeskError::new(code, "it is so"));
        assert_eq!(said(Code::PersonSecretMissing), "it is so: `tieout person enrol`");
        assert_eq!(said(Code::NobodyActs), "it is so: say who acts with --as");
        assert_eq!(said(Code::RoleMayNot), "it is so");
    }
}
