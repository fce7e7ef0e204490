//! What mails say.

use super::link::Token;
use super::mail::{About, Receipt};

/// A mail as it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// One line.
    pub subject: String,
    /// Plain text.
    pub text: String,
}

impl Letter {
    /// The mail of this site about something, with its link's token if it has a link.
    pub fn new(about: &About, site: &str, token: Option<&Token>) -> Self {
        let token = token.map(Token::expose).unwrap_or_default();
        let (subject, text) = match about {
            About::Proof { .. } => ("Is this your address?".to_owned(), proof(site, token)),
            About::Reset { .. } => ("Set a new password".to_owned(), reset(site, token)),
            About::PasswordSet { .. } => ("Your password was changed".to_owned(), password_set(site)),
            About::Purchase(receipt) => (titled("You have bought", receipt), purchase(site, receipt)),
            About::Sale(receipt) => (titled("You have sold", receipt), sale(site, receipt)),
        };
        Self { subject: subject.replace(char::is_control, " "), text }
    }
}

fn proof(site: &str, token: &str) -> String {
    format!(
        "Somebody, presumably you, has signed up with this address at\n{site}\n\n\
         Please confirm that it is yours:\n{site}/verify?token={token}\n\n\
         The link works once, within seven days. With a confirmed address you can\n\
         set a new password when you have forgotten yours.\n\n\
         If it was not you, ignore this mail.\n"
    )
}

fn reset(site: &str, token: &str) -> String {
    format!(
        "Somebody, presumably you, has forgotten the password of the account with\n\
         this address at\n{site}\n\n\
         Set a new one here:\n{site}/reset?token={token}\n\n\
         The link works once, within an hour. Every device is signed out then.\n\n\
         If it was not you, ignore this mail: your password stays as it is.\n"
    )
}

fn password_set(site: &str) -> String {
    format!(
        "The password of your account at\n{site}\n\
         was changed by a link in a mail, and every device was signed out.\n\n\
         If it was not you, somebody else reads your mail. Change the password of\n\
         your mailbox first. Then set a new one here, from the page to sign in:\n\
         {site}/auth/signin\n"
    )
}

fn purchase(site: &str, receipt: &Receipt) -> String {
    let Receipt { order_id, price, .. } = receipt;
    format!("You have bought {} for {price}.\n\nYour order:\n{site}/orders/{order_id}\n", what(receipt))
}

fn sale(site: &str, receipt: &Receipt) -> String {
    let Receipt { order_id, price, .. } = receipt;
    format!("You have sold {} for {price}, by order {order_id}.\n\nYour listings:\n{site}/selling\n", what(receipt))
}

fn titled(verb: &str, receipt: &Receipt) -> String {
    match &receipt.title {
        Some(title) => format!("{verb}: {title}"),
        None => format!("{verb} a ticket"),
    }
}

fn what(receipt: &Receipt) -> String {
    match &receipt.title {
        // One line: a seller writes no paragraph of ours.
        Some(title) => format!("\u{201c}{}\u{201d}", title.replace(char::is_control, " ")),
        None => "a ticket".to_owned(),
    }
}
