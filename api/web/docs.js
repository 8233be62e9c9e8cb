SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  // By default it asks an outside service whether the description is valid.
  validatorUrl: null,
});
