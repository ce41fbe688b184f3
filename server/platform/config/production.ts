const WEAK = /change.?me|example|default|development|password|only.?used.?by|insecure|secret/i;
const FEW = 10;
const CHEAP = 10;

/** What serves while developing and opens a hub that strangers can reach. */
export function developmentDefaults(given: Readonly<Record<string, string>>): string[] {
  const { LORO_SECRET: secret = '', CORS_ORIGINS: origins = '', BCRYPT_COST: cost, PUBLIC_URL: address } = given;
  const wrong: string[] = [];
  if (secret !== '' && (WEAK.test(secret) || new Set(secret).size < FEW))
    wrong.push('LORO_SECRET: is a development default; make one with `openssl rand -hex 32`');
  if (origins.split(',').some((origin) => origin.trim() === '*'))
    wrong.push('CORS_ORIGINS: `*` lets every page call the hub; name the origins');
  if (cost !== undefined && Number(cost) < CHEAP) wrong.push(`BCRYPT_COST: less than ${CHEAP} is for tests only`);
  // Links in mails and signed addresses would lead nowhere.
  if (address === undefined || address === '')
    wrong.push('PUBLIC_URL: is needed in production; it is the address people type');
  return wrong;
}
