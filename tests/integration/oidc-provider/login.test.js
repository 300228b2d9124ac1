// A person logs in at a provider of another make than Keycloak, by redirects and cookies as in a browser.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startProvider } from './provider.js';
import { makeModel, startVigie } from './vigie.js';

let bank;
let vigie;

before(async () => {
  bank = await startProvider({ audience: 'vigie' });
  makeModel();
  vigie = await startVigie([bank]);
});
after(async () => {
  await vigie?.stop();
  await bank?.stop();
});

// Its cookies are by name and path: all is on one host.
function startBrowser() {
  const jar = new Map();
  const ask = async (url, options = {}) => {
    const { pathname } = new URL(url);
    const cookie = [...jar.values()].filter(({ path }) => pathname.startsWith(path)).map(({ pair }) => pair).join('; ');
    const response = await fetch(url, { ...options, redirect: 'manual', headers: { ...options.headers, cookie } });
    for (const line of response.headers.getSetCookie()) {
      const pair = line.split(';')[0];
      const path = /; *path=([^;]*)/i.exec(line)?.[1] ?? '/';
      jar.set(`${pair.split('=')[0]} ${path}`, { pair, path });
    }
    return response;
  };
  return {
    ask,
    // Where redirects end: the addresses on the way, and the last answer.
    async follow(url) {
      const way = [];
      for (let next = url; way.length < 12;) {
        way.push(next);
        const response = await ask(next);
        if (![302, 303].includes(response.status)) return { way, response };
        next = new URL(response.headers.get('location'), next).href;
      }
      throw new Error(`no end: ${way.join(' ')}`);
    },
    async session() {
      return (await ask(`${vigie.url}/session`)).json();
    },
    async score(origin) {
      const headers = { 'content-type': 'application/json', origin };
      return (await ask(`${vigie.url}/predict-batch`, { method: 'POST', body: '[]', headers })).status;
    },
  };
}

test('a person logs in with PKCE, and the session has her name and role', async () => {
  const browser = startBrowser();
  const { way, response } = await browser.follow(`${vigie.url}/login`);
  assert.equal(response.status, 200, await response.clone().text());
  const there = new URL(way[1]);
  assert.equal(there.origin, bank.issuer);
  assert.equal(there.searchParams.get('code_challenge_method'), 'S256');
  assert.equal(there.searchParams.get('client_id'), 'vigie');
  assert.ok(way.at(-1).startsWith(`${vigie.url}/login/callback?`), way.at(-1));
  const { authenticated, subject, role } = await browser.session();
  assert.deepEqual({ authenticated, subject, role }, { authenticated: true, subject: 'anna', role: 'analyst' });
  assert.equal(await browser.score(vigie.url), 200);
  assert.equal(await browser.score('https://elsewhere.example'), 401);
});

test('a code counts once, and in the browser that began', async () => {
  const browser = startBrowser();
  const { way } = await browser.follow(`${vigie.url}/login`);
  const back = way.at(-1);
  for (const other of [startBrowser(), browser]) assert.equal((await other.ask(back)).status, 400);
  const thief = startBrowser();
  const { headers } = await thief.ask(`${vigie.url}/login`);
  const forged = new URL(back);
  forged.searchParams.set('state', new URL(headers.get('location')).searchParams.get('state'));
  assert.equal((await thief.ask(forged.href)).status, 403);
  assert.deepEqual(await thief.session(), { authenticated: false });
});

test('a login that the provider refuses is no session', async () => {
  const browser = startBrowser();
  const away = new URL((await browser.ask(`${vigie.url}/login`)).headers.get('location'));
  away.searchParams.set('code_challenge_method', 'plain');
  const { response } = await browser.follow(away.href);
  assert.equal(response.status, 403);
  assert.deepEqual(await browser.session(), { authenticated: false });
});
