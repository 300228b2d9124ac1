// Trades the one-time code behind the '#' of the address for a session. What stands there is not sent to any server, nor
// written into its logs.
'use strict';

const page = document.documentElement;
const show = (name) => { page.dataset.state = name; };

async function say(method, body) {
  const answer = await fetch('/session', {
    method,
    headers: body ? { 'Content-Type': 'application/json' } : {},
    body: body ? JSON.stringify(body) : undefined,
    cache: 'no-store',
  });
  return { ok: answer.ok, ...(await answer.json()) };
}

function welcome(session) {
  document.getElementById('subject').textContent = session.subject;
  document.getElementById('role').textContent = session.role;
  show('known');
}

async function begin() {
  const code = location.hash.slice(1);
  // So that neither the history nor a bookmark keeps it.
  history.replaceState(null, '', location.pathname);
  const session = code ? await say('POST', { code }) : await say('GET');
  if (session.authenticated) {
    welcome(session);
    if (code) location.replace('/docs');
  } else if (session.ok) {
    show('unknown');
  } else {
    document.getElementById('problem').textContent = session.detail[0].msg;
    show('refused');
  }
}

document.getElementById('leave').addEventListener('click', async () => {
  await say('DELETE');
  show('unknown');
});
window.addEventListener('hashchange', begin);
begin().catch(() => show('lost'));
