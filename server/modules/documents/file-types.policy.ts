import { filetypemime } from 'magic-bytes.js';

const DOCX = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const PPTX = 'application/vnd.openxmlformats-officedocument.presentationml.presentation';

/** Every type that some purpose takes: its MIME type, and how its bytes are told. */
export const fileTypes = {
  pdf: { mime: 'application/pdf', by: 'magic' },
  jpg: { mime: 'image/jpeg', by: 'image' },
  png: { mime: 'image/png', by: 'image' },
  webp: { mime: 'image/webp', by: 'image' },
  avif: { mime: 'image/avif', by: 'image' },
  heic: { mime: 'image/heic', by: 'magic' },
  docx: { mime: DOCX, by: 'zip' },
  xlsx: { mime: XLSX, by: 'zip' },
  pptx: { mime: PPTX, by: 'zip' },
  zip: { mime: 'application/zip', by: 'zip' },
  txt: { mime: 'text/plain', by: 'text' },
  csv: { mime: 'text/csv', by: 'text' },
  eml: { mime: 'message/rfc822', by: 'text' },
} as const;
export type TypeName = keyof typeof fileTypes;

const aliases: Readonly<Record<string, TypeName>> = { jpeg: 'jpg', heif: 'heic', text: 'txt', log: 'txt' };

export const isTypeName = (name: string): name is TypeName => name in fileTypes;

/** The type that a name claims. */
export function claimedType(filename: string): TypeName | null {
  const ext = /\.([A-Za-z0-9]{1,8})$/.exec(filename)?.[1]?.toLowerCase() ?? '';
  const name = aliases[ext] ?? ext;
  return isTypeName(name) ? name : null;
}

/** Programs, and pages under another name: what a sniffing reader could run. */
const dangerous: readonly (readonly [RegExp, string])[] = [
  [/^MZ/, 'application/x-msdownload'],
  [/^\x7fELF/, 'application/x-executable'],
  [/^#!/, 'text/x-shellscript'],
  [/^\s*(<!doctype html|<html|<head|<body|<script|<iframe)/i, 'text/html'],
  [/^\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*(<!doctype svg[^>]*>\s*)?<svg[\s>]/is, 'image/svg+xml'],
  [/^\s*<\?xml/i, 'application/xml'],
];

/** What the first bytes say, whatever the name says; null where they say nothing, as those of text do. */
export function detectedMime(head: Uint8Array): string | null {
  const start = Buffer.from(head.subarray(0, 1_024))
    .toString('latin1')
    .replace(/^\u00ef\u00bb\u00bf/, '');
  const danger = dangerous.find(([pattern]) => pattern.test(start));
  if (danger) return danger[1];
  const [mime] = filetypemime(head);
  return mime ?? null;
}

/** Whether bytes are text: UTF-8 without NUL. `isWhole` says that nothing is cut off at their end. */
export function isText(bytes: Uint8Array, isWhole: boolean): boolean {
  if (bytes.includes(0)) return false;
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: !isWhole });
    return true;
  } catch {
    return false;
  }
}

/**
 * Whether the bytes are of the type that the name claims. Archives are looked into besides, and images decoded.
 * @returns null when they are, else what they are
 */
export function disagreement(type: TypeName, head: Uint8Array, isWhole: boolean): string | null {
  const detected = detectedMime(head);
  const { mime, by } = fileTypes[type];
  if (by === 'text')
    return detected === null && isText(head, isWhole) ? null : (detected ?? 'application/octet-stream');
  if (by === 'zip') return detected === 'application/zip' || detected === mime ? null : (detected ?? 'unknown bytes');
  if (type === 'heic') return detected?.startsWith('image/hei') ? null : (detected ?? 'unknown bytes');
  return detected === mime ? null : (detected ?? 'unknown bytes');
}
