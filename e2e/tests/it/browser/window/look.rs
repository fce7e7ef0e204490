//! How a page looks: pictures of it, whether it fits, and what axe finds.

use std::fs;
use std::path::PathBuf;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::Window;
use crate::browser::axe;
use crate::browser::device::{preferences, screen};

/// The least width of a page, and the widths and schemes of the pictures. axe looks at both widths and both schemes, but not at all four:
/// what it finds depends on one of them at a time.
const LEAST_WIDTH: u32 = 320;
const LOOKS: [(u32, bool, bool); 4] =
    [(360, false, true), (360, true, false), (1280, false, false), (1280, true, true)];
const HEIGHT: u32 = 800;

/// Elements that reach over the right edge, for a page that can be scrolled sideways.
const TOO_WIDE: &str = "const { scrollWidth } = document.documentElement;
    if (scrollWidth <= innerWidth) return [];
    return [...document.querySelectorAll('body *')].filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
        .map((element) => element.outerHTML.slice(0, 80)).concat(`${scrollWidth} of ${innerWidth} px`);";

/// Runs axe in the page, whose last argument is called with what is serious.
const RUN_AXE: &str = "const done = arguments[0];
    const serious = ({ impact }) => impact === 'serious' || impact === 'critical';
    const words = ({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html, any }) => html.slice(0, 160) + ' ' +
        any.map(({ message }) => message).join(', ')).join(' | ')}`;
    axe.run({ resultTypes: ['violations'], rules: { 'target-size': { enabled: true } } })
        .then(({ violations }) => done(violations.filter(serious).map(words)), (error) => done([String(error)]));";

impl Window {
    /// Takes the four pictures of the page, and returns what is wrong with it.
    pub async fn inspect(&self, name: &str) -> Vec<String> {
        let mut wrong = Vec::new();
        for (width, dark, with_axe) in LOOKS {
            self.command(screen((width, HEIGHT))).await;
            self.command(preferences(dark)).await;
            let scheme = if dark { "dark" } else { "light" };
            let look = format!("{name}-{width:04}-{scheme}");
            self.picture(&look).await;
            let mut found = self.too_wide().await;
            if with_axe {
                found.extend(self.serious().await);
            }
            wrong.extend(found.into_iter().map(|found| format!("{look}: {found}")));
        }
        self.command(screen((LEAST_WIDTH, HEIGHT))).await;
        wrong.extend(self.too_wide().await.into_iter().map(|found| format!("{name}-{LEAST_WIDTH:04}: {found}")));
        wrong.extend(self.errors().await.into_iter().map(|error| format!("{name}: {error}")));
        self.command(screen(self.device.screen)).await;
        self.command(preferences(self.device.dark)).await;
        wrong
    }

    /// Takes a picture of the whole page into `target/screenshots`.
    pub async fn picture(&self, name: &str) {
        let size = "const { scrollWidth, scrollHeight } = document.documentElement; return [scrollWidth, scrollHeight]";
        let size = self.run(size, vec![]).await;
        let clip = json!({"x": 0, "y": 0, "width": size[0], "height": size[1], "scale": 1});
        let whole = json!({"captureBeyondViewport": true, "clip": clip});
        let picture = self.command(("Page.captureScreenshot", whole)).await;
        fs::create_dir_all(screenshots()).unwrap();
        fs::write(screenshots().join(format!("{name}.png")), decoded(&picture)).unwrap();
    }

    /// What makes the page scroll sideways.
    pub async fn too_wide(&self) -> Vec<String> {
        serde_json::from_value(self.run(TOO_WIDE, vec![]).await).unwrap()
    }

    /// What axe finds of serious or critical impact.
    async fn serious(&self) -> Vec<String> {
        let Some(source) = axe::source() else { return Vec::new() };
        if self.run("return window.axe === undefined", vec![]).await == true {
            self.run(source, vec![]).await;
        }
        self.driver.execute_async(RUN_AXE, vec![]).await.unwrap().convert().unwrap()
    }
}

/// Where the pictures are.
pub fn screenshots() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).with_file_name("screenshots")
}

/// The bytes of a picture or a print.
pub fn decoded(answer: &Value) -> Vec<u8> {
    BASE64_STANDARD.decode(answer["data"].as_str().unwrap()).unwrap()
}
