use common::api::OrderStatus;
use common::testing::{new_database, open_database};
use mongodb::bson::oid::ObjectId;
use mongodb::bson::{Bson, doc};
use payments::models::order::Orders;

#[tokio::test]
async fn a_replica_of_the_node_original_is_read_whatever_kind_of_number_it_holds() {
    let database = open_database(&new_database().await).await;
    let orders = Orders::new(&database);
    let user_id = ObjectId::new();
    for version in [Bson::Int32(3), Bson::Int64(3), Bson::Double(3.0)] {
        let id = ObjectId::new();
        let stored = doc! {
            "_id": id, "userId": user_id.to_hex(), "price": 20, "status": "awaiting:payment", "version": version,
        };
        database.collection("orders").insert_one(stored).await.unwrap();
        let order = orders.find(id.into()).await.unwrap().unwrap();
        assert_eq!((order.version, order.status), (3, OrderStatus::AwaitingPayment));
        let known = orders.find_known(id.into()).await.unwrap().unwrap();
        assert_eq!((known.price.cents(), known.user_id), (2000, user_id.into()));
    }
}
