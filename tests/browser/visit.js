// A page opened in a browser of its own, and everything that it said and asked for since.
//
//   const visit = await open(browser, server.url + '/docs', { locale: 'fr-FR' });
//   ... visit.page, visit.context: Playwright's ...
//   expectQuiet(visit);
//   await visit.context.close();
import assert from 'node:assert/strict';

export async function open(browser, url, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  return { context, ...(await openIn(context, url)) };
}

// Beside what the context has open already, and so with its cookies.
export async function openIn(context, url) {
  const page = await context.newPage();
  const complaints = [];
  const requests = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('requestfailed', (request) => {
    const { errorText } = request.failure();
    // The page went on before all of it was there.
    if (errorText !== 'net::ERR_ABORTED') complaints.push(`failed: ${request.url()} ${errorText}`);
  });
  page.on('request', (request) => requests.push(request.url()));
  await page.goto(url);
  return { page, complaints, requests, origin: new URL(url).origin };
}

// Neither errors, nor breaches of the policy, nor requests to another host. `refusals`: the statuses of answers that the
// browser may have told of.
export function expectQuiet({ complaints, requests, origin }, refusals = []) {
  const expected = refusals.map((status) => `Failed to load resource: the server responded with a status of ${status}`);
  assert.deepEqual(complaints.filter((text) => !expected.some((begin) => text.startsWith(begin))), []);
  assert.deepEqual(requests.filter((url) => !url.startsWith(`${origin}/`) && !/^(data|blob):/.test(url)), []);
}

// Presses "Try it out" and "Execute" of the operation on /predict; its answer.
export async function tryPredict(page) {
  const operation = page.locator('.opblock', { has: page.locator('[data-path="/predict"]') });
  await operation.locator('.opblock-summary-control').click();
  await operation.getByRole('button', { name: 'Try it out' }).click();
  const answered = page.waitForResponse((response) => new URL(response.url()).pathname === '/predict');
  await operation.getByRole('button', { name: 'Execute' }).click();
  const response = await answered;
  return { operation, response, shown: operation.locator('.live-responses-table') };
}
