//! Files that are attached to tickets, as tests make, send and read them.

use common::api::TicketBody;
use common::id::Id;
use common::testing::{Answer, App, User};
use mongodb::bson::{Document, doc, oid::ObjectId};
use reqwest::Method;

use crate::app::TestApp;

/// A PDF that is like no other.
pub fn pdf() -> Vec<u8> {
    pdf_of(&Id::generate().to_string())
}

/// A PDF that says this.
pub fn pdf_of(text: &str) -> Vec<u8> {
    format!("%PDF-1.7\n% {text}\nstartxref\n0\n%%EOF\n").into_bytes()
}

/// The beginning and the end of a PNG.
pub fn png() -> Vec<u8> {
    let header = b"\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1F\x15\xC4\x89";
    [header.as_slice(), b"\0\0\0\0IEND\xAE\x42\x60\x82"].concat()
}

/// The beginning and the end of a JPEG.
pub fn jpeg() -> Vec<u8> {
    [b"\xFF\xD8\xFF\xE0\0\x10JFIF\0".as_slice(), &[1; 32], b"\xFF\xD9"].concat()
}

impl TestApp {
    /// Sends a file; nothing says what it is.
    pub async fn upload(&self, user: &User, ticket: Id, bytes: impl Into<reqwest::Body>) -> Answer {
        let request = self.app.request(Method::PUT, &format!("/api/tickets/{ticket}/file"));
        App::send(request.header("cookie", &user.cookie).body(bytes)).await
    }

    pub async fn download(&self, user: Option<&User>, ticket: Id) -> Answer {
        self.app.get(user, &format!("/api/tickets/{ticket}/file")).await
    }

    /// A ticket of this seller with this file.
    pub async fn with_file(&self, seller: &User, bytes: Vec<u8>) -> Id {
        let id = self.offer(seller, "Concert", 20).await.expect(201).id();
        self.upload(seller, id, bytes).await.expect(200);
        id
    }

    /// Whether everybody sees that the ticket has a file.
    pub async fn shows_file(&self, ticket: Id) -> bool {
        serde_json::from_value::<TicketBody>(self.show(ticket).await).unwrap().has_file
    }

    /// The id in GridFS of the ticket's file.
    pub async fn db_file(&self, ticket: Id) -> ObjectId {
        self.db_ticket(ticket).await.get_document("file").unwrap().get_object_id("id").unwrap()
    }

    /// How many files there are, and how many notes of files to which perhaps no ticket refers.
    pub async fn db_files(&self) -> (u64, u64) {
        let count =
            async |name: &str| self.database.collection::<Document>(name).count_documents(doc! {}).await.unwrap();
        assert_eq!(count("files.chunks").await, count("files.files").await);
        (count("files.files").await, count("files.noted").await)
    }
}
