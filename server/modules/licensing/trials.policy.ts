/** Where anybody gets an address: there each address stands for itself. */
const PUBLIC_DOMAINS = new Set([
  'aol.com',
  'duck.com',
  'fastmail.com',
  'gmail.com',
  'gmx.at',
  'gmx.ch',
  'gmx.com',
  'gmx.de',
  'gmx.net',
  'googlemail.com',
  'hey.com',
  'hotmail.co.uk',
  'hotmail.com',
  'hotmail.fr',
  'icloud.com',
  'live.com',
  'mac.com',
  'mail.com',
  'mail.ru',
  'me.com',
  'msn.com',
  'mweb.co.za',
  'outlook.com',
  'pm.me',
  'proton.me',
  'protonmail.com',
  'qq.com',
  'telkomsa.net',
  'tuta.com',
  'tutanota.com',
  'web.de',
  'webmail.co.za',
  'yahoo.co.uk',
  'yahoo.co.za',
  'yahoo.com',
  'yahoo.fr',
  'yandex.com',
  'yandex.ru',
  'ymail.com',
  'zoho.com',
]);
/** Dots before the at sign mean nothing there. */
const DOTLESS = new Set(['gmail.com', 'googlemail.com']);

/** What a trial is counted by: the domain of a company, or the mailbox of a person. */
export function claimOf(email: string): string {
  const [mailbox = '', domain = ''] = email.toLowerCase().split('@');
  if (!PUBLIC_DOMAINS.has(domain)) return `domain:${domain}`;
  const plain = mailbox.replace(/\+.*$/, '');
  return `address:${DOTLESS.has(domain) ? plain.replaceAll('.', '') : plain}@${domain}`;
}
