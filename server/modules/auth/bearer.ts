import { createHash, randomBytes } from 'node:crypto';

/** 32 random bytes: whoever holds them is believed. 43 characters. */
export const newBearer = (): string => randomBytes(32).toString('base64url');

/** What is kept of one. */
export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
