import { z } from 'zod';
import { act, create, feed, get, list, PageQuery } from './kit/api';
import { Id, Instant, LocalDate, ShortText } from './kit/values';

export const Finding = z.object({
  id: Id,
  kind: z.enum(['over-limit', 'dead-activation', 'shared-key', 'expired-but-used', 'clock-tampered']),
  /** What it concerns: a limit, an activation, a key. */
  subject: z.string(),
  state: z.enum(['open', 'waived', 'fixed']),
  detail: z.record(z.string(), z.unknown()),
  foundAt: Instant,
  seenAt: Instant,
  closedAt: Instant.nullable(),
  waiver: z.string().nullable(),
  version: z.number().int(),
});
export type Finding = z.infer<typeof Finding>;

export const ComplianceReport = z.object({
  id: Id,
  from: LocalDate,
  to: LocalDate,
  format: z.enum(['csv']),
  /** SHA-256 of the content, in hexadecimal. */
  sha256: z.string().length(64),
  createdAt: Instant,
});
export type ComplianceReport = z.infer<typeof ComplianceReport>;

const see = { permission: 'license.compliance', license: 'any' } as const;

export const complianceRows = {
  findings: list('/licensing/compliance', {
    ...see,
    query: PageQuery.extend({ state: Finding.shape.state.optional() }),
    returns: Finding,
    summary: 'List where use and licence differ, newest first',
  }),
  waive: act('/licensing/compliance/:findingId/waive', {
    permission: 'license.waive',
    license: 'any',
    body: z.strictObject({ reason: ShortText }),
    returns: Finding,
    versioned: true,
    errors: ['FINDING_CLOSED'],
    summary: 'Accept a finding, with the reason',
  }),
  reports: list('/licensing/compliance/reports', {
    ...see,
    query: PageQuery,
    returns: ComplianceReport,
    summary: 'List reports, newest first; one is made every month',
  }),
  makeReport: create('/licensing/compliance/reports', {
    ...see,
    body: z
      .strictObject({ from: LocalDate, to: LocalDate, format: z.enum(['csv']).default('csv') })
      .refine(({ from, to }) => from < to, { error: 'lies behind its start', path: ['to'] }),
    returns: ComplianceReport.extend({ content: z.string() }),
    summary: 'Report licence, limits, use and findings of some days; the last one is not included',
  }),
  report: get('/licensing/compliance/reports/:reportId', {
    ...see,
    returns: ComplianceReport.extend({ content: z.string() }),
    summary: 'Read a report with its content',
  }),
  reportFile: feed('/licensing/compliance/reports/:reportId/file', {
    ...see,
    query: z.strictObject({ format: z.enum(['csv', 'pdf']).default('pdf') }),
    headers: {
      'Content-Disposition': 'The days of the report',
      'Content-Digest': 'SHA-256 of the report’s content (RFC 9530), the same in every format',
    },
    summary: 'A report as a file to be handed on; its hash stands on it',
  }),
};
