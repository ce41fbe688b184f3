import { asyncApi, openApi } from '../server/platform/docs';
import { conclude, type Verdict } from './written';

const options = { version: '0.0.0', serverUrl: 'https://hub.example' };

// 0 is an error, 1 a warning; the rest is advice, such as that a newer version of AsyncAPI exists.
const WRONG = new Set<number>([0, 1]);

// The public parsers decide, not the generator's own tests: what they accept, other people's tools can read.
async function checkOpenApi(): Promise<Verdict> {
  const { Validator } = await import('@seriousme/openapi-schema-validator');
  const { valid, errors } = await new Validator().validate({ ...openApi(options) });
  if (valid) return { ok: true, text: 'OpenAPI 3.1: valid' };
  const list =
    typeof errors === 'string'
      ? [errors]
      : (errors ?? []).map((error) => `  ${error.instancePath || '/'}: ${error.message ?? ''}`);
  return { ok: false, text: ['OpenAPI 3.1: not valid', ...list].join('\n') };
}

async function checkAsyncApi(): Promise<Verdict> {
  const { Parser } = await import('@asyncapi/parser');
  const { diagnostics } = await new Parser().parse(JSON.stringify(asyncApi(options)));
  const wrong = diagnostics.filter(({ severity }) => WRONG.has(severity));
  if (wrong.length === 0) return { ok: true, text: 'AsyncAPI 3.0: valid' };
  const list = wrong.map(({ path, message }) => `  /${path.join('/')}: ${message}`);
  return { ok: false, text: ['AsyncAPI 3.0: not valid', ...list].join('\n') };
}

async function main(): Promise<void> {
  conclude(await checkOpenApi());
  conclude(await checkAsyncApi());
}

void main();
