//! NATS JetStream: streams and durable consumers out of a file, snapshots by the broker's own API.

pub mod archive;
pub mod backup;
pub mod broker;
pub mod copies;
pub mod init;
pub mod restore;
pub mod topology;
