/** How long a document may stay open. */
export const STALE_AFTER_MS = 30 * 86_400_000;

interface Subject {
  readonly status: 'open' | 'closed';
  readonly createdAt: Date;
}

export const documentsPolicy = {
  mayClose: ({ status }: Pick<Subject, 'status'>): boolean => status === 'open',
  isStale: ({ status, createdAt }: Subject, now: Date): boolean =>
    status === 'open' && now.getTime() - createdAt.getTime() >= STALE_AFTER_MS,
};
