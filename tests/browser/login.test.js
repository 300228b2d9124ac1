// GET /login in a real browser: who comes with a code is let in, and nobody else acts for whom it let in.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';

import { startServer } from './server.js';
import { expectQuiet, open, openIn, tryPredict } from './visit.js';

const screenshots = process.env.VIGIE_SCREENSHOTS;
const WIDTHS = [1280, 390];
let server;
let browser;

before(async () => {
  mkdirSync(screenshots, { recursive: true });
  server = await startServer({ auth: 'local' });
  browser = await chromium.launch({ executablePath: process.env.VIGIE_CHROMIUM });
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

// A browser that is logged in, with /docs before it.
async function logIn(role, subject, options) {
  const opened = await open(browser, server.link(role, subject), options);
  await opened.page.waitForURL(`${server.url}/docs`);
  await opened.page.waitForSelector('.opblock');
  return opened;
}

const sessionCookie = async (context) => (await context.cookies()).find(({ name }) => name === 'vigie_session');

// What the server says of whoever has this cookie, and no browser around it.
async function score(cookie) {
  const response = await fetch(`${server.url}/predict-batch`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: server.url, cookie: `vigie_session=${cookie}` },
    body: '[]',
  });
  await response.text();
  return response.status;
}

async function takePictures(page, name) {
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: width > 500 ? 900 : 780 });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= width, `${name} is ${wide} pixels wide on a screen of ${width}`);
    await page.screenshot({ path: join(screenshots, `${name}-${width}.png`) });
  }
}

test('the address that the first start prints logs in, and its code is nowhere afterwards', async () => {
  assert.match(server.firstLink, /^http:\/\/127\.0\.0\.1:\d+\/login#[\w-]{20,}$/);
  const code = server.firstLink.split('#')[1];
  const opened = await open(browser, server.firstLink);
  const { page, context } = opened;
  await page.waitForURL(`${server.url}/docs`);
  await page.waitForSelector('.opblock');
  const devtools = await context.newCDPSession(page);
  const { entries } = await devtools.send('Page.getNavigationHistory');
  assert.ok(entries.some(({ url }) => url === `${server.url}/docs`));
  assert.deepEqual(entries.filter(({ url, userTypedURL }) => (url + userTypedURL).includes(code)), []);
  assert.deepEqual(opened.requests.filter((url) => url.split('#')[0].includes(code)), []);
  assert.match(await page.locator('.session').innerText(), /^admin\s*, until \d\d:\d\d · log out$/);
  expectQuiet(opened);
  await context.close();
});

test('no script has the cookie, and no other site sends it', async () => {
  const { page, context } = await logIn('analyst', 'ana');
  const cookie = await sessionCookie(context);
  assert.equal(cookie.httpOnly, true);
  assert.equal(cookie.sameSite, 'Strict');
  assert.equal(cookie.path, '/');
  const hours = (cookie.expires - Date.now() / 1000) / 3600;
  assert.ok(hours > 7.9 && hours <= 8, `${hours} h`);
  const readable = await page.evaluate(() => document.cookie + JSON.stringify({ ...localStorage, ...sessionStorage }));
  assert.equal(readable, '{}');
  await context.close();
});

test('"Try it out" works by the session alone, as far as its role goes', async () => {
  const analyst = await logIn('analyst', 'ana');
  const scored = await tryPredict(analyst.page);
  assert.equal(scored.response.status(), 200);
  assert.equal(scored.response.request().headers().authorization, undefined);
  assert.match(await scored.shown.locator('tbody .response-col_status').first().innerText(), /^200/);
  expectQuiet(analyst);
  await analyst.context.close();

  const viewer = await logIn('viewer', 'vic');
  const refused = await tryPredict(viewer.page);
  assert.equal(refused.response.status(), 403);
  assert.match(await refused.shown.locator('tbody .response-col_status').first().innerText(), /^403/);
  assert.match(await refused.shown.locator('pre').first().innerText(), /the role analyst is needed/);
  expectQuiet(viewer, [403]);
  await viewer.context.close();
});

test('the login page says who is logged in, and its button logs out', async () => {
  const { context } = await logIn('analyst', 'ana');
  const cookie = await sessionCookie(context);
  assert.equal(await score(cookie.value), 200);
  const opened = await openIn(context, `${server.url}/login`);
  const { page } = opened;
  await page.getByRole('heading', { name: 'You are logged in' }).waitFor();
  assert.match(await page.locator('dl').innerText(), /Name\s+ana\s+Role\s+analyst\s+Until\s+.*\d\d:\d\d/);
  await takePictures(page, 'login-known');
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByRole('heading', { name: 'Log in' }).waitFor();
  assert.match(await page.locator('main').innerText(), /vigie token link/);
  assert.equal(await sessionCookie(context), undefined);
  assert.equal(await score(cookie.value), 401, 'a copy of the cookie counts no more either');
  await takePictures(page, 'login-unknown');
  expectQuiet(opened);
  await context.close();
});

for (const [locale, heading, problem, name] of [
  ['en-GB', 'You are not logged in', 'the login code is not known, was used or has run out: ask for another', 'login-refused'],
  ['fr-FR', 'Vous n’êtes pas connecté', 'Ce code de connexion est inconnu, déjà utilisé ou périmé : demandez-en un autre', 'login-refused-fr'],
]) {
  test(`a code that was used logs nobody in: ${locale}`, async () => {
    const link = server.link('admin', 'root');
    const first = await open(browser, link);
    await first.page.waitForURL(`${server.url}/docs`);
    await first.context.close();
    const opened = await open(browser, link, { locale });
    const { page, context } = opened;
    await page.getByRole('heading', { name: heading }).waitFor();
    assert.equal((await page.locator('#problem').innerText()).toLowerCase(), problem.toLowerCase());
    assert.equal(page.url(), `${server.url}/login`);
    assert.equal(await sessionCookie(context), undefined);
    await takePictures(page, name);
    expectQuiet(opened, [401]);
    await context.close();
  });
}

test('a server that is away is told from a refusal, and nobody is said to be logged out', async () => {
  const { context } = await logIn('analyst', 'ana');
  const { page } = await openIn(context, `${server.url}/login`);
  await page.getByRole('button', { name: 'Log out' }).waitFor();
  await context.setOffline(true);
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByRole('heading', { name: 'The server does not answer' }).waitFor();
  await takePictures(page, 'login-lost');
  await context.setOffline(false);
  await page.reload();
  await page.getByRole('heading', { name: 'You are logged in' }).waitFor();
  await context.close();
});

for (const [locale, inside, leave, enter] of [
  ['en-GB', /^ana \(analyst\), until \d\d:\d\d · log out$/, 'log out', 'log in'],
  ['fr-FR', /^ana \(analyst\), jusqu’à \d\d:\d\d · se déconnecter$/, 'se déconnecter', 'se connecter'],
]) {
  test(`/docs tells who is logged in, and logs out and in: ${locale}`, async () => {
    const opened = await logIn('analyst', 'ana', { locale });
    const { page, context } = opened;
    await page.locator('header').getByRole('button', { name: leave }).waitFor();
    assert.match((await page.locator('.session').innerText()).replace(/\s+/g, ' '), inside);
    await takePictures(page, `docs-known-${locale.slice(0, 2)}`);
    await page.locator('header').getByRole('button', { name: leave }).click();
    await page.locator('header').getByRole('link', { name: enter }).waitFor();
    assert.equal(await sessionCookie(context), undefined);
    await takePictures(page, `docs-unknown-${locale.slice(0, 2)}`);
    await page.locator('header').getByRole('link', { name: enter }).click();
    await page.waitForURL(`${server.url}/login`);
    await page.locator('[data-for="unknown"]').waitFor();
    expectQuiet(opened);
    await context.close();
  });
}

test('where people log in at a provider, /docs works, leads there, and it is told when the provider is away', async (t) => {
  const environment = { VIGIE_OIDC_ISSUER: 'http://127.0.0.1:9', VIGIE_OIDC_CLIENT_ID: 'vigie' };
  const elsewhere = await startServer({ auth: 'oidc', environment });
  t.after(() => elsewhere.stop());
  const opened = await open(browser, `${elsewhere.url}/docs`);
  const { page, context } = opened;
  await page.waitForSelector('.opblock');
  await page.locator('header').getByRole('link', { name: 'log in' }).click();
  await page.getByRole('heading', { name: 'You are not logged in' }).waitFor();
  assert.match(await page.locator('.problem').innerText(), /cannot be reached now/);
  assert.equal(await page.getByRole('link', { name: 'Try again' }).getAttribute('href'), '/login');
  await takePictures(page, 'login-unavailable');
  expectQuiet(opened, [503]);
  await context.close();
});

// Pages of 127.0.0.1 on another port are of the same site: SameSite does not keep the cookie from them. Those of
// localhost are of another.
for (const host of ['127.0.0.1', 'localhost']) {
  test(`a page of ${host} on another port cannot act for whom is logged in`, async (t) => {
    const elsewhere = createServer((_, response) => {
      response.setHeader('content-type', 'text/html');
      response.end('<!DOCTYPE html><title>elsewhere</title><link rel="icon" href="data:,">');
    });
    await new Promise((resolve) => elsewhere.listen(0, host, resolve));
    t.after(() => elsewhere.close());
    const { page, context } = await logIn('analyst', 'ana');
    const cookie = (await sessionCookie(context)).value;
    const own = await page.evaluate(async () => (await fetch('/predict-batch', {
      method: 'POST', body: '[]', headers: { 'content-type': 'application/json' },
    })).status);
    assert.equal(own, 200, 'what is refused below is good from here');

    const other = await context.newPage();
    const answers = [];
    other.on('response', (response) => {
      const { pathname, origin } = new URL(response.url());
      if (origin === server.url) answers.push(`${response.request().method()} ${pathname} ${response.status()}`);
    });
    await other.goto(`http://${host}:${elsewhere.address().port}/`);
    const read = await other.evaluate(async (url) => {
      const readable = [];
      for (const [path, method, mode, type] of [
        ['/predict-batch', 'POST', 'no-cors', 'text/plain'],
        ['/predict-batch', 'POST', 'cors', 'text/plain'],
        ['/predict-batch', 'POST', 'cors', 'application/json'],
        ['/predict', 'POST', 'no-cors', 'text/plain'],
        ['/session', 'GET', 'cors', undefined],
        ['/session', 'DELETE', 'cors', undefined],
      ]) {
        const headers = type ? { 'content-type': type } : {};
        const body = method === 'POST' ? '[]' : undefined;
        await fetch(url + path, { method, mode, headers, body, credentials: 'include' }).then((answer) => {
          if (answer.type !== 'opaque') readable.push(`${method} ${path} ${answer.status}`);
        }, () => {});
      }
      return readable;
    }, server.url);
    assert.deepEqual(read, [], 'it reads no answer');

    for (const path of ['/predict', '/predict-batch', '/session']) {
      await other.goto(`http://${host}:${elsewhere.address().port}/`);
      const sent = other.waitForResponse((response) => response.url() === server.url + path);
      await other.evaluate((action) => {
        const form = document.createElement('form');
        Object.assign(form, { action, method: 'POST', enctype: 'text/plain' });
        const field = document.createElement('input');
        Object.assign(field, { name: '[]', value: '' });
        form.append(field);
        document.body.append(form);
        form.submit();
      }, server.url + path);
      await sent;
      await other.waitForURL(server.url + path);
    }
    const scored = answers.filter((answer) => answer.startsWith('POST /predict'));
    assert.ok(scored.length >= 4, answers.join());
    assert.deepEqual(scored.filter((answer) => !answer.endsWith(' 401')), []);
    assert.ok(!answers.some((answer) => answer.startsWith('DELETE')), answers.join());
    assert.equal(await score(cookie), 200, 'the session goes on');
    await context.close();
  });
}
