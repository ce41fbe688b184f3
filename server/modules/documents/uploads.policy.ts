import { NewDocument } from '@loro/contracts/documents';
import { UploadLength } from '@loro/contracts/documents-uploads';
import { z } from 'zod';
import { Invalid } from '../../platform';

/** What is said of a file when its upload begins: the fields of `POST /documents`, and its name. */
export const UploadFields = NewDocument.extend({ filename: z.string().min(1).max(500) });
export type UploadFields = z.output<typeof UploadFields>;

/** A number of bytes from a header. @throws Invalid naming the header */
export function bytesOf(name: string, text: string): number {
  const read = UploadLength.safeParse(text);
  if (read.success) return read.data;
  throw new Invalid('VALIDATION_FAILED', `Wrong: ${name}.`, {
    errors: [{ path: name, code: text === '' ? 'required' : 'invalid_format', message: 'is not a number of bytes' }],
  });
}

/**
 * `Upload-Metadata` of tus: names and base64 values in pairs.
 * @throws Invalid naming every field that cannot be
 */
export function fieldsOf(metadata: string): UploadFields {
  const pairs = metadata
    .split(',')
    .map((pair) => pair.trim().split(/ +/))
    .filter(([name]) => name !== undefined && name !== '')
    .map(([name = '', value = '']) => [name, Buffer.from(value, 'base64').toString('utf8')] as const)
    // Clients add these by themselves; what a file is, its bytes say.
    .filter(([name]) => name !== 'filetype' && name !== 'type' && name !== 'relativePath');
  const read = UploadFields.safeParse(Object.fromEntries(pairs));
  if (read.success) return read.data;
  const errors = read.error.issues.map(({ path, code, message }) => ({
    path: `Upload-Metadata.${path.join('.')}`,
    code,
    message,
  }));
  throw new Invalid('VALIDATION_FAILED', `Wrong: ${errors.map(({ path }) => path).join(', ')}.`, { errors });
}
