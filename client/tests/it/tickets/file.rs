use common::testing::eventually;

use crate::app::TestApp;

const PDF: &[u8] = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n";

#[tokio::test]
async fn a_missing_file_is_added_later_and_replaced_while_nobody_has_ordered() {
    let app = TestApp::whole().await;
    let ann = app.browser();
    ann.sign_up("ann").await;
    let ticket = ann.sell("Concert", "20").await;
    let path = format!("{ticket}/file");
    let page = ann.get(&path).await.expect(200);
    assert!(page.html.contains("No file yet"), "{}", page.html);
    let answer = ann.post_with_file(&path, &[], Some(("ticket.pdf", PDF))).await.expect(303);
    let page = ann.get(answer.location()).await.expect(200);
    assert!(page.html.contains("The file is attached"), "{}", page.html);
    assert_eq!(page.attribute("a[download]", "href"), format!("/api{ticket}/file"));
    assert_eq!(page.text("main form button"), "Replace the file");
    ann.post_with_file(&path, &[], Some(("other.pdf", &[PDF, b"\n"].concat()))).await.expect(303);
}

#[tokio::test]
async fn a_file_is_added_even_after_the_sale_and_then_stays() {
    let app = TestApp::whole().await;
    let [ann, bob] = app.visitors(["ann", "bob"]).await;
    let ticket = ann.sell("Concert", "20").await;
    let path = format!("{ticket}/file");
    bob.buy(&ticket).await;
    let taken = async || ann.get(&path).await.html.contains("Your buyer waits").then_some(());
    eventually("the ticket is reserved", taken).await;
    ann.post_with_file(&path, &[], Some(("ticket.pdf", PDF))).await.expect(303);
    let page = ann.get(&path).await.expect(200);
    assert!(!page.has("main form input[type=file]"), "{}", page.html);
    ann.post_with_file(&path, &[], Some(("other.pdf", &[PDF, b"\n"].concat()))).await.expect(400);
}

#[tokio::test]
async fn what_is_no_ticket_is_refused_beside_the_input() {
    let app = TestApp::whole().await;
    let ann = app.browser();
    ann.sign_up("ann").await;
    let path = format!("{}/file", ann.sell("Concert", "20").await);
    let large = vec![0; 3 * 1024 * 1024];
    for (file, message) in
        [(None, "File is required"), (Some(("large.png", large.as_slice())), "File is larger than 2 MiB")]
    {
        let page = ann.post_with_file(&path, &[], file).await.expect(400);
        assert_eq!(page.text("#file-message"), message);
        assert_eq!(page.attribute("#file", "aria-invalid"), "true");
    }
    let page = ann.post_with_file(&path, &[], Some(("words.txt", b"words"))).await.expect(415);
    assert_eq!(page.text("#file-message"), "File must be a PDF, PNG or JPEG");
    assert!(page.has("#file-message") && !page.has(".refusal"), "{}", page.html);
}

#[tokio::test]
async fn the_page_of_a_file_is_its_sellers_alone() {
    let app = TestApp::whole().await;
    let [ann, bob] = app.visitors(["ann", "bob"]).await;
    let path = format!("{}/file", ann.sell("Concert", "20").await);
    bob.get(&path).await.expect(403);
    bob.post_with_file(&path, &[], Some(("ticket.pdf", PDF))).await.expect(403);
}
