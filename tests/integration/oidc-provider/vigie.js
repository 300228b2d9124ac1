// A running vigie that takes the tokens of providers, with a small model of its own.
//
//   const vigie = await startVigie([bank, branch]);        // the program is $VIGIE_PROGRAM
//   const { status, reason } = await vigie.score(token);   // 401, "the token has expired"
//   await vigie.stop();
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const folder = mkdtempSync(join(tmpdir(), 'vigie-oidc-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const PRIVATE = { mode: 0o600 }; // for the client's secret is in it
let servers = 0;

function run(...words) {
  execFileSync(process.env.VIGIE_PROGRAM, words, { cwd: folder, stdio: ['ignore', 'ignore', 'ignore'] });
}

export function makeModel() {
  run('data', 'simulate', 'card', '--rows', '4000', '--seed', '3', '--out', 'card.csv');
  run('train', 'card', '--data', 'card.csv', '--out', 'model');
}

// One provider as the settings' group, several as a list of groups.
function settings(providers, state, port) {
  const groups = providers.map((provider) => ({
    issuer: provider.issuer,
    audiences: [provider.audience],
    client_id: 'vigie',
    client_secret: provider.secret,
    introspection: 'opaque',
  }));
  // JSON is YAML.
  return JSON.stringify({
    server: { auth: 'oidc', port, state, lockout: { failures: 0 } },
    oidc: groups.length === 1 ? groups[0] : groups,
    models: { card: 'model' },
  }, null, 1);
}

// Whether the settings may name several providers.
export function takesSeveral() {
  const file = join(folder, 'several.yaml');
  const providers = ['https://a.example', 'https://b.example'].map((issuer) => ({ issuer, audience: 'a', secret: 's' }));
  writeFileSync(file, settings(providers, 'state', 0), PRIVATE);
  try {
    run('config', 'check', file);
    return true;
  } catch {
    return false;
  }
}

// The settings have to say it, for the provider sends people back there.
async function freePort() {
  const probe = createServer();
  await new Promise((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

export async function startVigie(providers) {
  const state = `state-${++servers}`;
  const file = join(folder, `${state}.yaml`);
  writeFileSync(file, settings(providers, state, await freePort()), PRIVATE);
  const log = openSync(join(folder, `${state}.log`), 'w');
  const child = spawn(process.env.VIGIE_PROGRAM, ['serve', '--config', file, '--json'],
    { cwd: folder, stdio: ['ignore', 'pipe', log] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const url = await new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`vigie serve ended with ${code}`)));
    createInterface({ input: child.stdout }).once('line', (line) => resolve(JSON.parse(line).url));
  });
  return {
    url,
    async score(token) {
      const response = await fetch(url + '/predict-batch', {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
        body: '[]',
      });
      const challenge = response.headers.get('www-authenticate') ?? '';
      await response.text();
      return { status: response.status, reason: /error_description="([^"]*)"/.exec(challenge)?.[1] ?? '' };
    },
    async refusals(reason) {
      const text = await (await fetch(url + '/metrics', { headers: { accept: 'text/plain' } })).text();
      return Number(new RegExp(`^vigie_auth_failures_total\\{reason="${reason}"\\} (\\d+)`, 'm').exec(text)?.[1]);
    },
    async stop() {
      child.kill('SIGTERM');
      const code = await ended;
      if (code !== 0) throw new Error(`vigie serve ended with ${code}`);
    },
  };
}
