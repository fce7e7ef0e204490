//! The file of a ticket: what it is taken for is what it begins as, so that it is never sent to a browser as something else.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tickets::models::upload::FileKind;

fuzz_target!(|bytes: &[u8]| {
    let Some(kind) = FileKind::of(bytes) else { return };
    let beginning: &[u8] = match kind {
        FileKind::Pdf => b"%PDF",
        FileKind::Png => b"\x89PNG\r\n\x1A\n",
        FileKind::Jpeg => b"\xFF\xD8\xFF",
    };
    assert!(bytes.starts_with(beginning) || kind == FileKind::Pdf && bytes.windows(4).any(|window| window == b"%PDF"));
});
