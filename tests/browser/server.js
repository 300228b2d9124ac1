// A running vigie with a small model of its own, as a user starts one.
//
//   const server = await startServer();   // the program is $VIGIE_PROGRAM
//   ... server.url ...                    // "http://127.0.0.1:38211"
//   await server.stop();
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export async function startServer() {
  const program = process.env.VIGIE_PROGRAM;
  if (!program) throw new Error('VIGIE_PROGRAM is not set: run tools/test_browser');
  const folder = mkdtempSync(join(tmpdir(), 'vigie-browser-'));
  const run = (...words) => execFileSync(program, words, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  run('data', 'simulate', 'card', '--rows', '4000', '--seed', '3', '--out', 'card.csv');
  run('train', 'card', '--data', 'card.csv', '--out', 'model');

  const words = ['serve', '--model', 'card=model', '--state', 'state', '--auth', 'none', '--port', '0'];
  const child = spawn(program, words, { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const url = await new Promise((resolve, reject) => {
    const limit = setTimeout(() => reject(new Error('no URL within 30 s')), 30_000);
    child.once('exit', (code) => reject(new Error(`vigie serve ended with ${code}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const printed = /serves .*?(http:\/\/[^ ]+)/.exec(line);
      if (!printed) return;
      clearTimeout(limit);
      resolve(printed[1]);
    });
  });
  return {
    url,
    async stop() {
      child.kill('SIGTERM');
      const code = await ended;
      rmSync(folder, { recursive: true });
      if (code !== 0) throw new Error(`vigie serve ended with ${code}`);
    },
  };
}
