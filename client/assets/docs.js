// Shows the API. Requests that are tried out go to this site, in the session of whoever is signed in.
SwaggerUIBundle({
  dom_id: "#docs",
  url: "/docs/openapi.json",
  deepLinking: true,
  // No address of the document is sent anywhere.
  validatorUrl: null,
});
