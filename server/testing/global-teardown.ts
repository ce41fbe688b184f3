import { existsSync, readFileSync } from 'node:fs';
import type { Shared } from './global-setup';

export default async function globalTeardown(): Promise<void> {
  const { engines, catcher } = globalThis as Shared;
  await catcher?.stop();
  await engines?.stop();
  sayTold(process.env['LORO_TEST_TOLD']);
}

/** Which routes write and tell the journal nothing, as all the tests of the run saw it. */
function sayTold(file: string | undefined): void {
  if (file === undefined || !existsSync(file)) return;
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  const seen = lines.map((line) => JSON.parse(line) as { route: string; called: boolean; told: boolean });
  const of = (which: 'called' | 'told') => new Set(seen.filter((entry) => entry[which]).map(({ route }) => route));
  const [called, told] = [of('called'), of('told')];
  const all = [...new Set(seen.map(({ route }) => route))].toSorted();
  const say = (title: string, routes: string[]) => process.stdout.write([title, ...routes, ''].join('\n  '));
  say(
    'Told the journal nothing:',
    all.filter((route) => called.has(route) && !told.has(route)),
  );
  say(
    'Not seen to succeed:',
    all.filter((route) => !called.has(route)),
  );
}
