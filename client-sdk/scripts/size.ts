/**
 * Bundles the entry points as an app would, for browsers and minified, and prints what they weigh. Fails where the core
 * with socket.io-client is over its limit, or where zod or a contract's schemas came along.
 */
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const CORE_LIMIT = 20 * 1024;
const SOURCE = join(__dirname, '../src');

/** What an app writes, from nothing but the core to everything. */
const apps: Readonly<Record<string, string>> = {
  'socket.io-client alone': "export { Manager } from 'socket.io-client'",
  'core and transport': "export { createHub, tokens } from './core'",
  'core, sign-in, check-ins':
    "export { createHub } from './core'; export { sessions } from './auth/sessions'; export { checkIns } from './entries/check-ins'",
  'core, sign-in, tracking':
    "export { createHub } from './core'; export { sessions } from './auth/sessions'; export { tracking } from './modules/tracking'",
  everything: "export * from './index'",
};

async function main(): Promise<void> {
  for (const [name, contents] of Object.entries(apps)) {
    const { outputFiles, metafile } = await build({
      stdin: { contents, resolveDir: SOURCE, loader: 'ts' },
      bundle: true,
      minify: true,
      format: 'esm',
      platform: 'browser',
      target: 'es2022',
      conditions: ['source'],
      write: false,
      metafile: true,
      logLevel: 'error',
    });
    const bytes = gzipSync(outputFiles[0]?.contents ?? '', { level: 9 }).length;
    process.stdout.write(`${name.padEnd(26)} ${(bytes / 1024).toFixed(2).padStart(6)} KiB gzip\n`);
    if (name === 'core and transport' && bytes > CORE_LIMIT) fail(`the core is over ${CORE_LIMIT / 1024} KiB`);
    const schemas = Object.keys(metafile.inputs).filter((file) =>
      /node_modules\/zod\/|(^|\/)contracts\/src\//.test(file),
    );
    if (schemas.length > 0) fail(`${name} carries ${schemas.join(', ')}`);
  }
}

function fail(reason: string): void {
  process.stderr.write(`${reason}\n`);
  process.exitCode = 1;
}

void main();
