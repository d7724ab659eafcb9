// Lets a developer try the API out in the page. Without it the page lists every operation all the same.
const told = JSON.parse(document.getElementById("api-docs").textContent);
document.getElementById("operations").hidden = true;
SwaggerUIBundle({
  ...told.settings,
  dom_id: "#try",
  presets: [SwaggerUIBundle.presets.apis],
  requestInterceptor: (request) => {
    request.headers["X-CSRFToken"] = told.token;
    return request;
  },
});
