//! The visitor's orders, and paying for them.

mod cards;

pub mod cancel;
pub mod confirm;
pub mod confirmation;
pub mod index;
pub mod pay;
pub mod show;

use std::time::Duration;

/// `14 min 32 s`
fn time_left(left: Duration) -> String {
    let (minutes, seconds) = (left.as_secs() / 60, left.as_secs() % 60);
    match (minutes / 60, minutes % 60) {
        (0, 0) => format!("{seconds} s"),
        (0, minutes) => format!("{minutes} min {seconds} s"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::time_left;

    #[test]
    fn the_time_left_is_shown_in_its_two_largest_units() {
        for (seconds, text) in [
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min 0 s"),
            (872, "14 min 32 s"),
            (3599, "59 min 59 s"),
            (3600, "1 h 0 min"),
            (90_061, "25 h 1 min"),
        ] {
            assert_eq!(time_left(Duration::from_secs(seconds)), text);
        }
    }
}
