//! The checks of a page are checked.

use super::device::PHONE;
use super::stage::play;

#[tokio::test]
async fn what_is_wrong_with_a_page_is_found() {
    play(async |stage| {
        let window = stage.open(PHONE).await;
        window.visit("/").await;
        assert_eq!(window.inspect("broken").await, Vec::<String>::new());
        let break_it = "console.error('oops'); document.body.insertAdjacentHTML('beforeend',
            '<img src=\"https://elsewhere.example/\"><p style=\"color: red\">A text</p><input><svg width=2000 height=9></svg>')";
        window.run(break_it, vec![]).await;
        let found = window.inspect("broken").await.join("\n");
        for wrong in [
            "oops",
            r#""CSP" "img-src""#,
            r#""CSP" "style-src-attr""#,
            "image-alt",
            "label",
            "broken-0320: ",
            "broken-0360-dark: ",
        ] {
            assert!(found.contains(wrong), "{wrong} is missing: {found}");
        }
    })
    .await;
}
