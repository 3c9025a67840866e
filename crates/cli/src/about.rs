//! `tieout about`: what this installation is; and what it needs of vendors. Neither needs a workspace.

use std::io::Write as _;

use serde_json::json;
use tieout_desk::{base::about, intake::vendors};

use crate::{
    args::Format,
    failure::Ran,
    render::{self, text},
};

/// Says what this installation is. A machine policy that cannot be used is an error, told after all else.
pub fn about(format: Format) -> Ran {
    let (about, unusable) = about::about();
    if format == Format::Table {
        let mut plain = serde_json::to_value(&about).unwrap_or_default();
        if let Some(fields) = plain.as_object_mut() {
            fields.remove("fixed");
        }
        render::object(format, &plain)?;
        if !about.fixed.is_empty() {
            println!();
            let rows: Vec<_> = about.fixed.iter().map(|one| json!(one)).collect();
            render::rows(format, &[text("name", "Fixed"), text("value", "To")], &rows)?;
        }
    } else {
        render::object(format, &about)?;
    }
    unusable.map_or(Ok(()), |error| Err(error.into()))
}

/// The least that a connection needs at this vendor; of all of them as a page.
pub fn permissions(format: Format, vendor: Option<&str>) -> Ran {
    let Some(vendor) = vendor else {
        return Ok(std::io::stdout().lock().write_all(vendors::document().as_bytes())?);
    };
    let columns = [
        text("area", "Area"),
        text("permission", "Permission"),
        text("level", "Level"),
        text("needed", "Needed"),
    ];
    Ok(render::rows(format, &columns, &vendors::permissions(vendor)?)?)
}
