//! Starting with the session, where the user wants it: one file in their autostart folder (the XDG Desktop
//! Application Autostart Specification). It names the installed program, so that it goes on after an
//! update, and does nothing where the program is gone.

#[cfg(target_os = "linux")]
use std::{fs, io, path::Path};

#[cfg(target_os = "linux")]
const NAME: &str = "com.tieout.desk.desktop";

/// Has the program start with the session, or not any more.
///
/// # Errors
/// Why it could not be set.
#[cfg(target_os = "linux")]
pub fn set(on: bool) -> Result<(), String> {
    let program = std::env::current_exe().map_err(|error| format!("where this program is: {error}"))?;
    let folder = dirs::config_dir().ok_or("this user has no configuration folder")?.join("autostart");
    set_in(&folder, &program, on).map_err(|error| format!("{}: {error}", folder.display()))
}

/// Nothing of the kind is made for this system yet.
///
/// # Errors
/// Always.
#[cfg(not(target_os = "linux"))]
pub fn set(on: bool) -> Result<(), String> {
    match on {
        true => Err("this version does it on Linux only: use the system's own settings".to_owned()),
        false => Ok(()),
    }
}

#[cfg(target_os = "linux")]
fn set_in(folder: &Path, program: &Path, on: bool) -> io::Result<()> {
    let file = folder.join(NAME);
    if !on {
        return match fs::remove_file(&file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        };
    }
    fs::create_dir_all(folder)?;
    let program = program.display().to_string();
    let half = file.with_extension("new");
    fs::write(
        &half,
        format!(
            "[Desktop Entry]\nType=Application\nName=Tieout\n\
             Comment=The desk between billing systems and the ERP\n\
             Exec={}\nTryExec={program}\nX-GNOME-Autostart-enabled=true\n",
            quoted(&program)
        ),
    )?;
    fs::rename(half, file)
}

/// An argument as the Desktop Entry Specification quotes it: inside quotes a backslash before `"`, `` ` ``,
/// `$` and `\`, and that once more for the file; `%` doubled.
#[cfg(target_os = "linux")]
fn quoted(argument: &str) -> String {
    let mut text = String::from("\"");
    for letter in argument.chars() {
        match letter {
            '"' | '`' | '$' => text.extend(["\\\\", &letter.to_string()]),
            '\\' => text.push_str("\\\\\\\\"),
            '%' => text.push_str("%%"),
            other => text.push(other),
        }
    }
    text.push('"');
    text
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn it_starts_with_the_session_only_while_its_user_wants_it() {
        let home = std::env::temp_dir().join(format!("tieout-autostart-{}", std::process::id()));
        let folder = home.join("autostart");
        set_in(&folder, Path::new("/usr/bin/tieout-app"), false).unwrap();
        assert!(!folder.exists(), "off is as it was: nothing is made");
        set_in(&folder, Path::new("/usr/bin/tieout-app"), true).unwrap();
        let text = fs::read_to_string(folder.join(NAME)).unwrap();
        assert!(text.contains("\nExec=\"/usr/bin/tieout-app\"\n"), "{text}");
        assert!(text.contains("\nTryExec=/usr/bin/tieout-app\n"), "{text}");
        set_in(&folder, Path::new("/usr/bin/tieout-app"), false).unwrap();
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
        fs::remove_dir_all(home).unwrap();
    }

    #[test]
    fn a_path_with_letters_of_its_own_meaning_stays_one_argument() {
        assert_eq!(quoted("/opt/the desk/tieout-app"), "\"/opt/the desk/tieout-app\"");
        assert_eq!(quoted("/a$b\"c%d"), "\"/a\\\\$b\\\\\"c%%d\"");
        assert_eq!(quoted("/a\\b"), "\"/a\\\\\\\\b\"");
    }
}
