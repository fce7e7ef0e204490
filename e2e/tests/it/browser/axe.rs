//! axe-core, which finds what makes a page hard to use for people with disabilities. It is test data: the file out of its npm package.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use anyhow::{Context, Result, ensure};

use super::driver::skip;

const VERSION: &str = "4.14.1";

/// Its source, or `None` and a line that says what is not checked.
pub fn source() -> Option<&'static str> {
    static SOURCE: LazyLock<Option<String>> = LazyLock::new(|| {
        let source = fetched(&Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("axe-core-{VERSION}")));
        source.map_err(|error| skip("the pages by axe", &format!("{error:#}"))).ok()
    });
    SOURCE.as_deref()
}

/// Reads it from this folder, into which npm installs it first if it is missing.
fn fetched(folder: &Path) -> Result<String> {
    let file = folder.join("node_modules/axe-core/axe.min.js");
    // Held until the end, so that of several processes one fetches and the others find it done.
    let lock = File::create(folder.with_added_extension("lock"))?;
    lock.lock()?;
    if !file.exists() {
        fs::create_dir_all(folder)?;
        let mut npm = Command::new("npm");
        npm.args("install --silent --no-audit --no-fund --no-save --ignore-scripts --prefix".split(' '));
        npm.arg(folder).arg(format!("axe-core@{VERSION}")).current_dir(folder);
        let output = npm.stdin(Stdio::null()).output().context("there is no npm on PATH")?;
        ensure!(output.status.success(), "npm cannot install it: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(fs::read_to_string(file)?)
}
