//! What one can do about an error at the command line: the desk's words are the window's too, and know of no
//! prompt, variable or verb.

use tieout_desk::DeskError;

use crate::prompt;

/// The error's words, and what to do here.
pub fn with_hint(error: &DeskError) -> String {
    match hint(error) {
        Some(hint) => format!("{}: {hint}", error.message),
        None => error.message.clone(),
    }
}

fn hint(error: &DeskError) -> Option<String> {
    let fixed = match error.code.as_str() {
        "passphrase_missing" => {
            let variable = prompt::asked_last()?;
            return Some(format!("type it at the prompt, or set {variable}"));
        }
        "keyring_unavailable" | "keyring_locked" => "`tieout init --secrets vault`",
        "secrets_not_set_up" => "`tieout restore`, or `tieout init` for a new workspace",
        "vault_missing" | "vault_damaged" => "`tieout restore`",
        "person_secret_missing" => "`tieout person enrol`",
        "enrolment_code_missing" => "type it at the prompt, or set TIEOUT_ENROLMENT_CODE",
        "credential_missing" => "set TIEOUT_CREDENTIAL_<FIELD>, or run this in a terminal",
        "nobody_acts" => "say who acts with --as",
        "setting_missing" => "--set NAME=VALUE",
        _ => return None,
    };
    Some(fixed.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_says_what_to_do_here_and_leaves_other_errors_as_they_are() {
        let said = |code: &str| with_hint(&DeskError::new(code, "it is so"));
        assert_eq!(said("person_secret_missing"), "it is so: `tieout person enrol`");
        assert_eq!(said("nobody_acts"), "it is so: say who acts with --as");
        assert_eq!(said("role_may_not"), "it is so");
    }
}
