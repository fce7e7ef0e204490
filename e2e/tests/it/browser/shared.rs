//! The platform that the stories have in common: starting one for each would take most of their time.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, Weak};
use std::thread;

use tokio::runtime::Runtime;
use tokio::sync::Mutex;

use crate::platform::Platform;

/// Each test has a runtime of its own, which ends with it. The platform belongs to this one, which lasts.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());

/// A story's share of the platform.
pub struct Shared(Arc<Kept>);

/// Stopped when the last story ends.
struct Kept {
    platform: Option<Platform>,
    has_failed: AtomicBool,
}

impl Shared {
    /// The platform that is running, or a new one.
    pub async fn platform() -> Self {
        static KEPT: Mutex<Weak<Kept>> = Mutex::const_new(Weak::new());
        let mut kept = KEPT.lock().await;
        if let Some(kept) = kept.upgrade() {
            return Self(kept);
        }
        let platform = RUNTIME.spawn(Platform::start(&[])).await.unwrap();
        let new = Arc::new(Kept { platform: Some(platform), has_failed: AtomicBool::new(false) });
        *kept = Arc::downgrade(&new);
        Self(new)
    }
}

impl std::ops::Deref for Shared {
    type Target = Platform;

    fn deref(&self) -> &Platform {
        self.0.platform.as_ref().unwrap()
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.0.has_failed.fetch_or(thread::panicking(), Ordering::Relaxed);
    }
}

impl Drop for Kept {
    /// Without a failure the log is of no use, and goes as well.
    fn drop(&mut self) {
        let Some(platform) = self.platform.take().filter(|_| !*self.has_failed.get_mut()) else { return };
        // On a thread of its own, because this one has a runtime already.
        thread::scope(|scope| scope.spawn(|| RUNTIME.block_on(platform.stop())).join().unwrap());
    }
}
