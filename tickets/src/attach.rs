//! Attaching a file to a ticket: claim, file and reference are three writes, each harmless if the next never comes.

use common::error::ApiError;
use common::id::Id;
use common::mongo::{Aggregate, StoreError};
use mongodb::bson::oid::ObjectId;

use crate::models::files::UPLOAD_LIMIT;
use crate::models::ticket::Ticket;
use crate::models::ticket::file::File;
use crate::models::upload::Upload;
use crate::state::Tickets;

impl Tickets {
    /// Attaches a file to the seller's ticket, instead of the one that is there.
    ///
    /// # Errors
    /// 400 when the file belongs to another ticket, or must not be replaced; 404 when the ticket was withdrawn meanwhile.
    pub async fn attach(&self, ticket: Ticket, seller: Id, upload: Upload) -> Result<Ticket, ApiError> {
        let Upload { bytes, kind, sha256 } = upload;
        let file = File { id: ObjectId::new(), sha256, media_type: kind, bytes: bytes.len() as i32 };
        self.claims.claim(&self.store, &file, ticket.id(), seller).await?;
        let attached = self.write_and_refer(&ticket, seller, &file, &bytes).await;
        let tidied = match &attached {
            // Another request has attached the same bytes in the meantime.
            Ok(attached) if attached.file().map(|file| file.id) != Some(file.id) => self.files.delete(file.id).await,
            Ok(_) => self.tidy(&file, ticket.file()).await,
            Err(ApiError::Refused(_) | ApiError::NotFound | ApiError::NotAuthorized | ApiError::Conflict) => {
                self.drop_file(&file).await
            }
            // Whether the reference was stored is not known. The sweep looks later.
            Err(_) => Ok(()),
        };
        if let Err(error) = tidied {
            tracing::warn!(%error, ticket = %ticket.id(), "what an upload left behind stays until the sweep");
        }
        attached
    }

    async fn write_and_refer(
        &self,
        ticket: &Ticket,
        seller: Id,
        file: &File,
        bytes: &[u8],
    ) -> Result<Ticket, ApiError> {
        self.files.write(file, ticket.id(), bytes).await?;
        let old = ticket.file().map(|old| old.id);
        if let Some(old) = old {
            self.files.note(old, ticket.id(), UPLOAD_LIMIT).await?;
        }
        self.store.change(ticket.id(), |ticket| ticket.attach(file, old, seller)).await
    }

    /// The ticket refers to the new file, and not to the old one.
    async fn tidy(&self, file: &File, old: Option<&File>) -> Result<(), StoreError> {
        self.files.forget(file.id).await?;
        match old {
            Some(old) => self.drop_file(old).await,
            None => Ok(()),
        }
    }

    /// Deletes a file that no ticket refers to, and lets its claim go.
    pub async fn drop_file(&self, file: &File) -> Result<(), StoreError> {
        self.files.delete(file.id).await?;
        self.claims.release(file).await
    }
}
