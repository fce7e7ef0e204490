use common::timestamp::Timestamp;
use mongodb::bson::oid::ObjectId;

/// From when on things are looked at. Ids carry the time of their making, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Since(u32);

impl Since {
    /// Everything there is.
    pub const BEGINNING: Self = Self(0);

    /// What is made from now on, as the clock of this machine has it.
    pub fn now() -> Self {
        Self::time(Timestamp::now())
    }

    /// What was made at this time or later.
    pub fn time(time: Timestamp) -> Self {
        Self(u32::try_from(time.millis() / 1000).unwrap_or(u32::MAX))
    }

    /// The instant itself.
    pub fn timestamp(self) -> Timestamp {
        Timestamp::from_millis(i64::from(self.0) * 1000)
    }

    /// The least id of that time.
    pub fn least_id(self) -> ObjectId {
        ObjectId::from_parts(self.0, [0; 5], [0; 3])
    }

    /// Whether what has this id was made at that time or later.
    pub fn covers(self, id: ObjectId) -> bool {
        id >= self.least_id()
    }
}

#[cfg(test)]
mod tests {
    use mongodb::bson::oid::ObjectId;

    use super::Since;

    #[test]
    fn an_id_is_covered_by_the_second_in_which_it_was_made_and_not_by_the_next() {
        let (now, id) = (Since::now(), ObjectId::new());
        assert!(now.covers(id) && Since::BEGINNING.covers(id) && !Since(now.0 + 2).covers(id));
    }
}
