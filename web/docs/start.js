// Shows this server's OpenAPI document in Swagger UI. The page's Content-Security-Policy lets nothing else run, and
// lets the browser speak to this server alone.
'use strict';

const ui = SwaggerUIBundle({
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
  onComplete() {
    const paths = ui.specSelectors.specJson().get('paths');
    // A server that lets anybody in knows no sessions, and one without a client at a provider no way to begin one.
    if (paths.has('/session') && paths.has('/login')) tellSession('GET');
  },
});

// Whose session it is, in the page's header.
async function tellSession(method) {
  const page = document.documentElement;
  const answer = await fetch('session', { method, cache: 'no-store' });
  if (!answer.ok) return;
  const session = await answer.json();
  if (session.authenticated) {
    const subject = document.getElementById('subject');
    subject.textContent = session.subject;
    subject.title = session.subject;
    const named = session.subject === session.role;
    document.getElementById('role').textContent = named ? '' : `(${session.role})`;
    const expires = new Date(session.expires);
    const today = expires.toDateString() === new Date().toDateString();
    const shown = document.getElementById('expires');
    shown.dateTime = session.expires;
    shown.textContent = new Intl.DateTimeFormat(page.lang, { ...(today ? {} : { dateStyle: 'medium' }), timeStyle: 'short',
      hourCycle: 'h23' }).format(expires);
  }
  page.dataset.state = session.authenticated ? 'known' : 'unknown';
}

document.getElementById('leave').addEventListener('click', () => tellSession('DELETE'));
