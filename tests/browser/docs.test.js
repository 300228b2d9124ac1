// GET /docs in a real browser: it works under its own Content-Security-Policy, asks nobody else, and answers when tried.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';

import { startServer } from './server.js';
import { expectQuiet, open, tryPredict } from './visit.js';

const screenshots = process.env.VIGIE_SCREENSHOTS;
let server;
let browser;

before(async () => {
  mkdirSync(screenshots, { recursive: true });
  server = await startServer();
  browser = await chromium.launch({ executablePath: process.env.VIGIE_CHROMIUM });
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

async function openDocs(path, options) {
  const opened = await open(browser, server.url + path, options);
  await opened.page.waitForSelector('.opblock');
  return opened;
}

test('the page lists every operation of the document, and asks no other host', async () => {
  const opened = await openDocs('/docs');
  const { page, context } = opened;
  const document = await (await fetch(`${server.url}/openapi.json`)).json();
  const operations = Object.values(document.paths).flatMap((path) => Object.keys(path)).length;
  assert.ok(operations > 5);
  assert.equal(await page.locator('.opblock').count(), operations);
  assert.match(await page.locator('header').innerText(), /Vigie\s+\d+\.\d+\.\d+/);
  assert.match(await page.locator('header nav').innerText(), /\/health[^]*\/metrics/);
  await page.waitForLoadState('networkidle');
  expectQuiet(opened);
  assert.ok(opened.requests.includes(`${server.url}/docs/swagger-ui-bundle.js`));
  assert.ok(!opened.requests.includes(`${server.url}/session`), 'with --auth none nobody is logged in or out');
  assert.equal(await page.locator('.session').innerText(), '');
  await page.screenshot({ path: join(screenshots, 'docs.png') });
  await context.close();
});

test('"Try it out" on /predict answers a decision', async () => {
  const opened = await openDocs('/docs');
  const { page, context } = opened;
  const { operation, response, shown } = await tryPredict(page);
  assert.equal(response.status(), 200);
  const decision = await response.json();

  assert.match(await shown.locator('tbody .response-col_status').first().innerText(), /^200/);
  const body = await shown.locator('.response-col_description pre').first().innerText();
  const told = JSON.parse(body);
  assert.equal(told.decision_id, decision.decision_id);
  assert.ok(told.hybrid_score >= 0 && told.hybrid_score <= 1);
  assert.equal(told.fraud, told.hybrid_score > told.threshold_used ? 1 : 0);
  expectQuiet(opened);
  await operation.locator('.responses-wrapper').evaluate((answers) => answers.scrollIntoView({ block: 'start' }));
  await page.screenshot({ path: join(screenshots, 'predict.png') });
  await context.close();
});

test('a refusal is shown as it is answered', async () => {
  const opened = await openDocs('/docs');
  const { page, context } = opened;
  const operation = page.locator('.opblock', { has: page.locator('[data-path="/predict"]') });
  await operation.locator('.opblock-summary-control').click();
  await operation.getByRole('button', { name: 'Try it out' }).click();
  await operation.locator('textarea').first().fill('{"Time": -1}');
  await operation.getByRole('button', { name: 'Execute' }).click();
  const shown = operation.locator('.live-responses-table');
  await shown.waitFor();
  assert.match(await shown.locator('tbody .response-col_status').first().innerText(), /^422/);
  assert.match(await shown.locator('pre').first().innerText(), /greater_than_equal/);
  await context.close();
});

test('the page speaks French to who prefers it', async () => {
  const opened = await openDocs('/docs', { locale: 'fr-FR' });
  assert.equal(await opened.page.locator('html').getAttribute('lang'), 'fr');
  assert.match(await opened.page.locator('header').innerText(), /Toutes les routes/);
  expectQuiet(opened);
  await opened.context.close();
});

test('an address cannot make the page show another document', async () => {
  const opened = await openDocs('/docs?url=/health&configUrl=/health#/operation/health');
  assert.ok(!opened.requests.includes(`${server.url}/health`));
  assert.equal(await opened.page.locator('.opblock.is-open').count(), 0);
  expectQuiet(opened);
  await opened.context.close();
});

test('the policy stops scripts in the page and requests to others', async () => {
  const { page, context, complaints } = await openDocs('/docs');
  const stopped = await page.evaluate(async () => {
    const violations = [];
    document.addEventListener('securitypolicyviolation', (event) => violations.push(event.effectiveDirective));
    const script = document.createElement('script');
    script.textContent = 'window.injected = true';
    document.body.append(script);
    const sent = await fetch('http://127.0.0.1:9/').then(() => true, () => false);
    await new Promise((resolve) => setTimeout(resolve, 0));
    return { injected: window.injected === true, sent, violations };
  });
  assert.deepEqual(stopped, { injected: false, sent: false, violations: ['script-src-elem', 'connect-src'] });
  // What the other tests want none of is heard.
  assert.ok(complaints.some((text) => /Content Security Policy.*script-src/.test(text)));
  assert.ok(complaints.some((text) => /Content Security Policy.*connect-src/.test(text)));
  await context.close();
});
