import { readFileSync } from 'node:fs';

/** Where the value of a variable comes from. */
export type Source = 'default' | 'environment' | 'file' | 'not-set';

/** EX_CONFIG of sysexits: a supervisor need not start the process again before somebody changed something. */
const EX_CONFIG = 78;
const MASK = '••••';

/** What the environment says is wrong; every variable is named. */
export class ConfigError extends Error {
  constructor(readonly wrong: readonly string[]) {
    super(
      `The configuration is wrong:\n${wrong.map((line) => `  ${line}`).join('\n')}\nSee .env.example for every variable.`,
    );
    this.name = 'ConfigError';
  }
}

/** What a program that could not start exits with. */
export const exitCodeOf = (error: unknown): number => (error instanceof ConfigError ? EX_CONFIG : 1);

/** Takes the value of `NAME` from the file that `NAME_FILE` names, as orchestrators hand over secrets. */
export function fromFiles(names: readonly string[], environment: Readonly<Record<string, string | undefined>>) {
  const given: Record<string, string> = {};
  const sources = new Map<string, Source>();
  const wrong: string[] = [];
  // An empty variable is what `NAME= npm start` and compose files make of an unset one.
  const said = (name: string): string | undefined => environment[name] || undefined;
  for (const name of names) {
    const [value, file] = [said(name), said(`${name}_FILE`)];
    if (value !== undefined && file !== undefined) wrong.push(`${name}: is given twice, by ${name}_FILE too`);
    else if (value !== undefined) {
      given[name] = value;
      sources.set(name, 'environment');
    } else if (file !== undefined) {
      try {
        given[name] = readFileSync(file, 'utf8').trim();
        sources.set(name, 'file');
      } catch (error) {
        const { code } = error instanceof Error && 'code' in error ? error : { code: 'unknown' };
        wrong.push(`${name}_FILE: cannot be read (${String(code)})`);
      }
    }
  }
  return { given, sources, wrong };
}

/** A value as it may be shown: secrets not at all, addresses without their password. */
export function masked(value: unknown, isSecret: boolean): string | null {
  if (value === undefined) return null;
  if (isSecret) return MASK;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.replace(/^([a-z+]+:\/\/[^/@:]*):[^/]*@/, `$1:${MASK}@`);
}
