//! Settings as they are kept: within what the machine's administrator has fixed, and followed by the system.

use super::{App, lock, requests::DeskReason, settings::Settings};
use tieout_desk::base::{
    code::Code,
    error::{DeskError, DeskResult},
    machine::MachinePolicy,
};

impl App {
    /// Keeps how the desk looks and behaves, and has the system follow it where it has to.
    pub(super) fn set_settings(&self, settings: &Settings) -> DeskResult<Settings> {
        let settings = settings.clone().checked(&MachinePolicy::read()?)?;
        let before = lock(&self.settings).start_with_session;
        if before != settings.start_with_session {
            let set = self.host.start_with_session(settings.start_with_session);
            set.map_err(|why| DeskError::new(Code::SettingBad, format!("starting with the session: {why}")))?;
        }
        self.kept.keep_settings(&settings)?;
        *lock(&self.settings) = settings.clone();
        self.tell(DeskReason::Settings);
        Ok(settings)
    }
}
