//! The slots of a buyer's open orders: numbers from 0, each taken once, by a unique index. They keep the number of open orders where a count
//! would race.

/// The slots that one more order may take, so that with it at most `limit` are open.
///
/// `taken` are those of the open orders. Orders without one, of the original or an earlier version, and those beyond the limit, of a
/// replica that has a higher one, count as if they had the last slots.
pub fn free(limit: i32, taken: &[Option<i32>]) -> Vec<i32> {
    let beyond = |slots: i32| taken.iter().filter(|slot| slot.is_none_or(|slot| slot >= slots)).count() as i32;
    let slots = (0..=limit).rev().find(|slots| slots + beyond(*slots) <= limit).unwrap_or(0);
    (0..slots).filter(|slot| !taken.contains(&Some(*slot))).collect()
}

#[cfg(test)]
mod tests {
    use super::free;

    const NONE: [i32; 0] = [];

    #[test]
    fn without_an_open_order_every_slot_is_free() {
        assert_eq!(free(3, &[]), [0, 1, 2]);
    }

    #[test]
    fn a_taken_slot_is_not_free_whatever_the_others_are() {
        assert_eq!(free(3, &[Some(1)]), [0, 2]);
        assert_eq!(free(3, &[Some(2), Some(0), Some(1)]), NONE);
    }

    #[test]
    fn orders_without_a_slot_take_up_the_last_ones() {
        assert_eq!(free(3, &[None]), [0, 1]);
        assert_eq!(free(3, &[None, Some(0)]), [1]);
        // One that has the last slot already is not counted twice.
        assert_eq!(free(3, &[None, Some(2)]), [0]);
        assert_eq!(free(3, &[None; 3]), NONE);
        assert_eq!(free(3, &[None; 7]), NONE);
    }

    #[test]
    fn slots_of_a_replica_with_a_higher_limit_count() {
        assert_eq!(free(3, &[Some(8)]), [0, 1]);
        assert_eq!(free(3, &[Some(8), Some(9), Some(0)]), NONE);
    }

    #[test]
    fn however_slots_are_taken_there_is_a_free_one_exactly_while_fewer_than_the_limit_are_open() {
        for limit in 1..5 {
            // Each of seven orders is there or is not; the last two have no slot.
            for there in 0..1 << 7 {
                let taken: Vec<Option<i32>> =
                    (0..7).filter(|order| there >> order & 1 == 1).map(|order| (order < 5).then_some(order)).collect();
                assert_eq!(!free(limit, &taken).is_empty(), (taken.len() as i32) < limit, "{limit}, {taken:?}");
                assert!(free(limit, &taken).len() as i32 <= limit - taken.len().min(limit as usize) as i32);
            }
        }
    }
}
