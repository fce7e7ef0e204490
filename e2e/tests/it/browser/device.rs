//! What a visitor holds in their hands.

use serde_json::{Value, json};
use thirtyfour::{ChromeCapabilities, ChromiumLikeCapabilities, LoggingPrefsLogLevel};

/// No window on a screen, no sandbox (root has none), and nothing that reaches out of this machine. The pipe makes the browser end with
/// chromedriver, however that ends.
const FLAGS: &str = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
    --disable-component-update --disable-sync --disable-dev-shm-usage --remote-debugging-pipe";

/// A browser's screen, settings and clock.
#[derive(Clone, Debug)]
pub struct Device {
    /// Width and height of the page's window, in CSS pixels.
    pub screen: (u32, u32),
    /// Whether the visitor prefers dark pages.
    pub dark: bool,
    /// Whether JavaScript is switched on.
    pub scripts: bool,
    /// `Accept-Language`
    pub language: &'static str,
    /// By how much the device's clock is ahead.
    pub minutes_ahead: i64,
}

/// A phone, upright.
pub const PHONE: Device =
    Device { screen: (360, 740), dark: false, scripts: true, language: "en-US,en", minutes_ahead: 0 };

/// A desktop computer.
pub const DESKTOP: Device = Device { screen: (1280, 900), ..PHONE };

impl Device {
    /// Without JavaScript.
    pub const fn without_scripts(self) -> Self {
        Self { scripts: false, ..self }
    }

    /// With this `Accept-Language`.
    pub const fn speaking(self, language: &'static str) -> Self {
        Self { language, ..self }
    }

    /// With a clock that is wrong.
    pub const fn minutes_ahead(self, minutes_ahead: i64) -> Self {
        Self { minutes_ahead, ..self }
    }

    /// How chromedriver starts the browser. `profile` is an empty folder.
    pub fn capabilities(&self, profile: &str) -> ChromeCapabilities {
        let mut capabilities = ChromeCapabilities::new();
        for flag in FLAGS.split_whitespace() {
            capabilities.add_arg(flag).unwrap();
        }
        capabilities.add_arg(&format!("--user-data-dir={profile}")).unwrap();
        let settings = json!({"intl.accept_languages": self.language});
        capabilities.add_experimental_option("prefs", settings).unwrap();
        capabilities.set_browser_log_level(LoggingPrefsLogLevel::All).unwrap();
        capabilities
    }

    /// The browser's settings, as commands of the DevTools protocol.
    pub fn settings(&self) -> Vec<(&'static str, Value)> {
        // The browser's log holds what a page's policy forbade, but not everywhere; this puts it there.
        let violations = "addEventListener('securitypolicyviolation', e => console.error('CSP', e.violatedDirective, e.blockedURI));";
        let milliseconds = self.minutes_ahead * 60_000;
        let clock = format!(
            "Date = class extends Date {{
                constructor(...given) {{ if (given.length) super(...given); else super(Date.now()); }}
            }};
            {{ const now = Date.now.bind(Date); Date.now = () => now() + {milliseconds}; }}"
        );
        let clock = if milliseconds == 0 { "" } else { clock.as_str() };
        vec![
            ("Page.addScriptToEvaluateOnNewDocument", json!({"source": format!("{violations}{clock}")})),
            ("Emulation.setScriptExecutionDisabled", json!({"value": !self.scripts})),
            screen(self.screen),
            preferences(self.dark),
        ]
    }
}

/// The command that sets the size of the page's window.
pub fn screen((width, height): (u32, u32)) -> (&'static str, Value) {
    let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600});
    ("Emulation.setDeviceMetricsOverride", metrics)
}

/// The command that sets what the visitor prefers. Nothing moves, so that a picture is the same each time.
pub fn preferences(dark: bool) -> (&'static str, Value) {
    let scheme = if dark { "dark" } else { "light" };
    let features = json!([
        {"name": "prefers-color-scheme", "value": scheme},
        {"name": "prefers-reduced-motion", "value": "reduce"},
    ]);
    ("Emulation.setEmulatedMedia", json!({"features": features}))
}
