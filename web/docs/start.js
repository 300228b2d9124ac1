// Shows this server's OpenAPI document in Swagger UI. The page's Content-Security-Policy lets nothing else run, and
// lets the browser speak to this server alone.
'use strict';

SwaggerUIBundle({
  url: 'openapi.json',
  dom_id: '#interface',
  presets: [SwaggerUIBundle.presets.apis],
  layout: 'BaseLayout',
  // The document is linted where it is made; the default would ask a validator on another host about it.
  validatorUrl: null,
  // The address of the page chooses neither the document nor what is open in it.
  queryConfigEnabled: false,
  deepLinking: false,
  persistAuthorization: false,
  defaultModelsExpandDepth: 0,
  supportedSubmitMethods: ['get', 'post', 'put', 'patch', 'delete', 'head', 'options'],
});
