use crate::platform::Platform;

#[tokio::test]
async fn a_sale_works_through_forms_without_any_script() {
    let platform = Platform::start(&[]).await;
    e2e::story::pages(&platform.site()).await;
    platform.stop().await;
}
