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

function tell(session) {
  if (session.authenticated) {
    document.getElementById('subject').textContent = session.subject;
    document.getElementById('role').textContent = session.role;
    const expires = document.getElementById('expires');
    expires.dateTime = session.expires;
    expires.textContent = new Intl.DateTimeFormat(page.lang, { dateStyle: 'medium', timeStyle: 'short', hourCycle: 'h23' })
      .format(new Date(session.expires));
    show('known');
  } else if (session.ok) {
    show('unknown');
  } else {
    document.getElementById('problem').textContent = session.detail[0].msg;
    show('refused');
  }
}

async function begin() {
  const code = location.hash.slice(1);
  // So that neither the history nor a bookmark keeps it.
  history.replaceState(null, '', location.pathname);
  const session = code ? await say('POST', { code }) : await say('GET');
  tell(session);
  if (code && session.authenticated) location.replace('/docs');
}

const lost = () => show('lost');
document.getElementById('leave').addEventListener('click', () => say('DELETE').then(tell).catch(lost));
window.addEventListener('hashchange', () => begin().catch(lost));
begin().catch(lost);
