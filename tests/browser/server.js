// A running vigie with a small model of its own, as a user starts one.
//
//   const server = await startServer();                      // --auth none; the program is $VIGIE_PROGRAM
//   const server = await startServer({ auth: 'local' });      // `environment`: VIGIE_... variables
//   ... server.url ...                                       // "http://127.0.0.1:38211"
//   ... server.firstLink ...                                 // what the first start prints for browsers
//   ... server.link('analyst', 'ana') ...                    // another address that logs in once
//   await server.stop();
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export async function startServer({ auth = 'none', environment = {} } = {}) {
  const program = process.env.VIGIE_PROGRAM;
  if (!program) throw new Error('VIGIE_PROGRAM is not set: run tools/test_browser');
  const folder = mkdtempSync(join(tmpdir(), 'vigie-browser-'));
  const run = (...words) => execFileSync(program, words, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  run('data', 'simulate', 'card', '--rows', '4000', '--seed', '3', '--out', 'card.csv');
  run('train', 'card', '--data', 'card.csv', '--out', 'model');

  const words = ['serve', '--model', 'card=model', '--state', 'state', '--auth', auth, '--port', '0', '--json'];
  const child = spawn(program, words, {
    cwd: folder,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const greeting = await new Promise((resolve, reject) => {
    const limit = setTimeout(() => reject(new Error('no URL within 30 s')), 30_000);
    child.once('exit', (code) => reject(new Error(`vigie serve ended with ${code}`)));
    createInterface({ input: child.stdout }).once('line', (line) => {
      clearTimeout(limit);
      resolve(JSON.parse(line));
    });
  });
  return {
    url: greeting.url,
    firstLink: greeting.login_link,
    link(role, subject) {
      const asked = ['token', 'link', '--state', 'state', '--url', greeting.url, '--role', role, '--subject', subject];
      return execFileSync(program, asked, { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] }).toString().trim();
    },
    async stop() {
      child.kill('SIGTERM');
      const code = await ended;
      rmSync(folder, { recursive: true });
      if (code !== 0) throw new Error(`vigie serve ended with ${code}`);
    },
  };
}
