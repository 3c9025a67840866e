//! What the page may see: itself, the report, and fonts. Nothing else: no file, no package, no clock.

use std::sync::LazyLock;

use typst::{
    Library, LibraryExt as _,
    diag::{FileError, FileResult},
    foundations::{Bytes, Datetime, Dict, Duration, IntoValue as _},
    syntax::{FileId, Source},
    text::{Font, FontBook},
    utils::LazyHash,
};
use typst_kit::fonts::{self, FontStore};

const PAGE: &str = include_str!("page.typ");

/// Inter in two weights: see `fonts/OFL.txt`.
const OWN: [&[u8]; 2] =
    [include_bytes!("../fonts/Inter-Regular.ttf"), include_bytes!("../fonts/Inter-SemiBold.ttf")];

fn own() -> impl Iterator<Item = Font> {
    OWN.into_iter().flat_map(|data| Font::iter(Bytes::new(data)))
}

fn typeface() -> FontStore {
    let mut store = FontStore::new();
    store.extend(own().map(|font| {
        let info = font.info().clone();
        (font, info)
    }));
    store
}

/// The typeface alone.
static PLAIN: LazyLock<FontStore> = LazyLock::new(typeface);

/// The typeface, and after it every font of the system.
static ALL: LazyLock<FontStore> = LazyLock::new(|| {
    let mut store = typeface();
    store.extend(fonts::system());
    store
});

/// Whether the typeface has every letter of a text.
fn has_all(text: &str) -> bool {
    let Some(font) = own().next() else { return false };
    let coverage = &font.info().coverage;
    text.chars().all(|letter| letter.is_control() || coverage.contains(u32::from(letter)))
}

pub(crate) struct World {
    library: LazyHash<Library>,
    fonts: &'static FontStore,
    page: Source,
}

impl World {
    /// The page with this report, as JSON.
    pub fn of(report: &str) -> Self {
        let inputs: Dict = [("report".into(), report.into_value())].into_iter().collect();
        Self {
            library: LazyHash::new(Library::builder().with_inputs(inputs).build()),
            fonts: if has_all(report) { &PLAIN } else { &ALL },
            page: Source::detached(PAGE),
        }
    }
}

impl typst::World for World {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        self.fonts.book()
    }

    fn main(&self) -> FileId {
        self.page.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.page.id() { Ok(self.page.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn file(&self, _: FileId) -> FileResult<Bytes> {
        Err(FileError::AccessDenied)
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.font(index)
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}
