-- wrk script: offers a ticket with every request. The session comes with -H "cookie: session=…".
wrk.method = "POST"
wrk.headers["content-type"] = "application/json"
wrk.body = '{"title":"Concert","price":20.5}'
