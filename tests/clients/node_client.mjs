// Node's own fetch (undici) against VIGIE_URL; see each.
import assert from 'node:assert/strict';
import { createReadStream, readFileSync } from 'node:fs';
import { Readable } from 'node:stream';

const url = process.env.VIGIE_URL;
const transaction = readFileSync(process.env.VIGIE_TRANSACTION);
const scored = readFileSync(process.env.VIGIE_SCORED);

const ask = (path, options = {}) => fetch(url + path, { signal: AbortSignal.timeout(60_000), ...options });
const post = (path, type, body, options = {}) =>
  ask(path, { method: 'POST', headers: { 'Content-Type': type }, body, ...options });

async function health() {
  const answer = await ask('/health');
  assert.equal(answer.status, 200);
  assert.equal((await answer.json()).status, 'ok');
}

async function predict() {
  const answer = await post('/predict', 'application/json', transaction);
  assert.equal(answer.status, 200);
  const decision = await answer.json();
  assert.equal(decision.hybrid_score, Number(process.env.VIGIE_SCORE));
  assert.equal(decision.fraud, decision.hybrid_score > decision.threshold_used ? 1 : 0);
}

async function invalid() {
  const answer = await post('/predict', 'application/json', '{"Time": "yesterday"}');
  assert.equal(answer.status, 422);
  const places = (await answer.json()).detail.map((problem) => problem.loc.join('.'));
  assert.ok(places.includes('body.Time') && places.includes('body.V28'), places.join(' '));
}

// fetch unpacks the page itself.
async function packedPage() {
  const plain = await ask('/docs', { headers: { 'Accept-Encoding': 'identity' } });
  assert.equal(plain.headers.get('content-encoding'), null);
  const packed = await ask('/docs', { headers: { 'Accept-Encoding': 'gzip' } });
  assert.equal(packed.headers.get('content-encoding'), 'gzip');
  const page = await packed.text();
  assert.match(page, /<html/);
  assert.equal(page, await plain.text());
}

// As the server counts them: nobody else is asking.
async function oneConnection() {
  const accepted = async () => (await (await ask('/metrics')).json()).connections.accepted;
  const before = await accepted();
  for (let i = 0; i < 5; ++i) {
    await health();
    await predict();
    await invalid();
  }
  assert.equal(await accepted(), before);
}

async function expectScored(answer) {
  assert.equal(answer.status, 200);
  const body = Buffer.from(await answer.arrayBuffer());
  assert.ok(body.equals(scored), `${body.length} bytes, vigie score gives ${scored.length}, or others`);
}

const wholeBatch = async () => expectScored(await post('/predict-batch', 'text/csv', readFileSync(process.env.VIGIE_CSV)));

// A stream has no length, so that it goes in chunks.
const streamedBatch = async () => {
  const rows = Readable.toWeb(createReadStream(process.env.VIGIE_CSV));
  await expectScored(await post('/predict-batch', 'text/csv', rows, { duplex: 'half' }));
};

for (const check of [health, predict, invalid, packedPage, oneConnection, wholeBatch, streamedBatch, health]) {
  try {
    await check();
  } catch (error) {
    console.error(`fetch: ${check.name}: ${error.message} ${error.cause ?? ''}`);
    process.exitCode = 1;
  }
}
