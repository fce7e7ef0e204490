//! The file of a ticket: what is attached to it, and who may read it.

use common::error::ApiError;
use common::events::TicketUpdated;
use common::id::Id;
use mongodb::bson::oid::ObjectId;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::{Ticket, TicketChanged};
use crate::models::reservations::Hold;
use crate::models::upload::FileKind;

/// A file as its ticket knows it. Its bytes are in GridFS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct File {
    /// Its id in GridFS.
    pub id: ObjectId,
    /// SHA-256 of its bytes, in hex.
    pub sha256: String,
    /// What it is.
    pub media_type: FileKind,
    /// How long it is.
    pub bytes: i32,
}

/// The most characters of a file's name, its extension aside.
const LONGEST_NAME: usize = 80;

/// Whether a user may read the file of a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// The seller, and the buyer of a complete order.
    Granted,
    /// Perhaps: it depends on this order, and not all of its events have arrived.
    Pending(Id),
    /// Everybody else.
    Denied,
}

impl Ticket {
    /// The file, if there is one.
    pub fn file(&self) -> Option<&File> {
        self.file.as_ref()
    }

    /// What the file is called where it is stored: the title in letters, digits and hyphens, which mean nothing to any system.
    pub fn file_name(&self, kind: FileKind) -> String {
        let plain = self.title.nfkd().filter(|character| !is_combining_mark(*character)).collect::<String>();
        let words: Vec<String> = (plain.split(|character: char| !character.is_ascii_alphanumeric()))
            .filter(|word| !word.is_empty())
            .map(str::to_ascii_lowercase)
            .collect();
        let name: String = words.join("-").chars().take(LONGEST_NAME).collect();
        let name = if name.is_empty() { format!("ticket-{}", self.id) } else { name };
        format!("{name}.{}", kind.extension())
    }

    /// Attaches a file, instead of the `old` one. Nothing changes when the one that is there has the same bytes.
    ///
    /// # Errors
    /// 400 when there is a file and an order holds or has bought the ticket: the buyer gets what was there. A missing one may be
    /// added then. 409 when another upload was faster.
    pub fn attach(
        &mut self,
        file: &File,
        old: Option<ObjectId>,
        seller: Id,
    ) -> Result<Option<TicketUpdated>, ApiError> {
        self.check_seller(seller)?;
        if self.carries(&file.sha256) {
            return Ok(None);
        }
        self.check_replaceable()?;
        if self.file.as_ref().map(|file| file.id) != old {
            return Err(ApiError::Conflict);
        }
        self.file = Some(file.clone());
        self.version += 1;
        Ok(Some(self.updated()))
    }

    /// See [`attach`](Self::attach).
    pub fn check_replaceable(&self) -> Result<(), ApiError> {
        match self.file.is_some() && self.order_id.is_some() {
            true => Err(ApiError::refused("Cannot replace the file of a reserved ticket")),
            false => Ok(()),
        }
    }

    /// The file of a ticket that was withdrawn long ago is deleted.
    pub fn detach(&mut self, file: ObjectId) -> Option<TicketChanged> {
        self.file.take_if(|own| own.id == file)?;
        self.version += 1;
        Some(self.changed())
    }

    /// Whether its file has these bytes.
    pub fn carries(&self, sha256: &str) -> bool {
        self.file.as_ref().is_some_and(|file| file.sha256 == sha256)
    }

    /// Who has bought it, if that is known.
    pub fn buyer(&self) -> Option<Id> {
        let holder = self.reservations.of(self.order_id?)?;
        holder.buyer.filter(|_| holder.hold == Hold::Sold)
    }

    /// Whether this user may read its file.
    pub fn access(&self, user: Id) -> Access {
        if self.user_id == user {
            return Access::Granted;
        }
        let Some(order) = self.order_id else { return Access::Denied };
        match self.reservations.of(order) {
            Some(holder) if holder.buyer.is_some_and(|buyer| buyer != user) => Access::Denied,
            Some(holder) if holder.buyer.is_some() && holder.hold == Hold::Sold => Access::Granted,
            // It is not paid yet, or its payment is on its way; and an earlier version stored no buyer.
            _ => Access::Pending(order),
        }
    }
}
