mod order_completed;
