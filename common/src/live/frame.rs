use bytes::Bytes;
use serde::Serialize;

use crate::id::Id;

/// An event as it goes over the wire, without the id that it is sent under. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame(Bytes);

impl Frame {
    /// The event of this name with this body as JSON, which has no line breaks.
    pub fn new(event: &'static str, body: &impl Serialize) -> Result<Self, serde_json::Error> {
        let body = serde_json::to_string(body)?;
        Ok(Self(format!("event: {event}\ndata: {body}\n\n").into()))
    }

    /// Tells a client to load its page again.
    pub(super) const RELOAD: Self = Self(Bytes::from_static(b"event: reload\ndata: {}\n\n"));

    /// Appends the event, under this id, to what is sent.
    pub(super) fn append_to(&self, sent: &mut Vec<u8>, id: i64) {
        sent.extend_from_slice(format!("id: {id}\n").as_bytes());
        sent.extend_from_slice(&self.0);
    }
}

/// Something has changed, and what connections are told of it.
#[derive(Clone, Debug)]
pub struct Change {
    /// The aggregate.
    pub id: Id,
    /// Its version: the same is not told again.
    pub version: i32,
    /// Connections of this topic are told, and those of all topics.
    pub topic: Id,
    /// What they are told.
    pub frame: Frame,
    /// What connections of other topics are told, such as those that it belonged to before.
    pub elsewhere: Vec<(Id, Frame)>,
}

impl Change {
    /// What a connection of this topic is told, or one of all topics.
    pub(super) fn frame_for(&self, topic: Option<Id>) -> Option<&Frame> {
        match topic {
            None => Some(&self.frame),
            Some(topic) if topic == self.topic => Some(&self.frame),
            Some(topic) => self.elsewhere.iter().find(|(other, _)| *other == topic).map(|(_, frame)| frame),
        }
    }

    /// Every topic whose connections are told.
    pub(super) fn topics(&self) -> impl Iterator<Item = Id> {
        std::iter::once(self.topic).chain(self.elsewhere.iter().map(|(topic, _)| *topic))
    }
}
