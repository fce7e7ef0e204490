//! All that is wrong at once, rather than the first of it.

use std::fmt::Display;

/// What a check found. A test ends with [`Faults::assert_none`].
#[derive(Debug, Default)]
#[must_use = "end with assert_none"]
pub struct Faults(Vec<String>);

impl Faults {
    /// Notes a fault, in a sentence that says where.
    pub fn add(&mut self, fault: impl Display) {
        self.0.push(fault.to_string());
    }

    /// Notes a fault unless what must be so is so.
    pub fn unless(&mut self, holds: bool, fault: impl Display) {
        if !holds {
            self.add(fault);
        }
    }

    /// Fails the test with every fault that was found.
    ///
    /// # Panics
    /// When there is one.
    #[track_caller]
    pub fn assert_none(mut self) {
        // What is the same in every overlay is told once.
        self.0.dedup();
        assert!(self.0.is_empty(), "\n  {}\n", self.0.join("\n  "));
    }
}
