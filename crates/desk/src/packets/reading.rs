//! A packet opened: from its file or from what is kept of it, checked by the roster that is known here, with
//! the decisions that are known here.

use std::path::Path;

use tieout_evidence::{
    LogEntry,
    file::{canonical, decisions::PacketEntry, packet::Packet},
};
use tieout_vault::is_sealed;

use crate::{
    access::{actor, rosters},
    base::{
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
    },
};

/// A packet of this file, or of this id where it is known here, checked by the roster that is known here of
/// its workspace.
///
/// # Errors
/// `file_unusable`, `bad_request`, `packet_unknown`, `packet_unreadable`, `packet_tampered`,
/// `packet_signer_unknown`, `packet_roster_unknown`, `packet_roster_old`, `packet_not_for_you`.
pub(crate) fn opened(ctx: &Context, file: Option<&Path>, id: Option<&str>) -> DeskResult<(Packet, Vec<u8>)> {
    let (bytes, place) = match (file, id) {
        (Some(file), None) => (read(ctx, file)?, file.display().to_string()),
        (None, Some(id)) => {
            let known = ctx.store().packet(id)?;
            let unknown = || {
                let message = format!("packet {id} is not known here: give its file");
                DeskError::new(Code::PacketUnknown, message)
            };
            (known.ok_or_else(unknown)?.1, id.to_owned())
        }
        _ => return Err(DeskError::new(Code::BadRequest, "say which packet: by its file or by its id")),
    };
    let packet = Packet::read(&bytes).map_err(|fault| DeskError::from(fault).at(&place))?;
    let of = &packet.manifest.workspace;
    let Some(known) = rosters::of_workspace(ctx, &of.id)? else {
        let message = format!(
            "{place}: no roster of workspace {} is known here: take it in first (tieout roster import)",
            of.name
        );
        return Err(DeskError::new(Code::PacketRosterUnknown, message));
    };
    if known != packet.roster {
        let newer = packet.roster.roster.checkpoint.number > known.roster.checkpoint.number;
        let (code, what) = match newer {
            true => (Code::PacketRosterUnknown, "a newer roster than is known here: take that in first"),
            false => (Code::PacketRosterOld, "an old roster: ask for a packet that goes by the present one"),
        };
        return Err(DeskError::new(code, format!("{place} goes by {what}")));
    }
    Ok((packet, bytes))
}

/// The file's bytes, decrypted with the acting person's own key where they are encrypted.
fn read(ctx: &Context, path: &Path) -> DeskResult<Vec<u8>> {
    let bytes = std::fs::read(path).map_err(|e| DeskError::file(path, &e))?;
    if !is_sealed(&bytes) {
        return Ok(bytes);
    }
    let actor = actor::actor(ctx)?;
    let place = path.display().to_string();
    actor.own_key()?.open_sealed(&bytes).map_err(|error| DeskError::from(error).at(&place))
}

/// The packet's log as far as it is known here.
pub(crate) fn entries_of(ctx: &Context, packet: &Packet) -> DeskResult<Vec<LogEntry>> {
    let texts = ctx.store().packet_entries(&packet.manifest.id)?;
    let read = |text: &String| -> DeskResult<LogEntry> {
        let entry: PacketEntry = canonical::read(text.as_bytes(), "an entry of the packet's log")?;
        Ok(entry.entry(&packet.manifest.reviewer)?)
    };
    texts.iter().map(read).collect()
}
