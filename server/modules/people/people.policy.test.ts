import type { User } from '@loro/contracts/people';
import type { CustomField } from '@loro/contracts/people-values';
import { forbiddenFields, noRules, shown, withPresets, wrongCustomValues } from './fields.policy';
import { readFile, unquoted } from './import.policy';
import { circleOf, managersAbove, misplaced } from './managers.policy';
import { canStep, canUndo, maySignIn, restoredStatus } from './standing.policy';

const linesOf = (csv: string) => readFile(csv).lines.map(({ line, name }) => [line, name]);

describe('reading a file of people', () => {
  it('counts lines as an editor does: quoted breaks, empty lines and either end of line', () => {
    const csv = 'email,name\r\na@x.io,"A\r\nB"\r\n\r\nb@x.io,C\r\n"c@x.io",D';

    expect(linesOf(csv)).toEqual([
      [2, 'A\nB'],
      [5, 'C'],
      [6, 'D'],
    ]);
  });

  it('takes semicolons, tabs, a byte order mark and headings in any case', () => {
    expect(linesOf('\uFEFFE_MAIL;NAME\na@x.io;Zoë')).toEqual([[2, 'Zoë']]);
    expect(linesOf('name\temail\nZoë\ta@x.io')).toEqual([[2, 'Zoë']]);
  });

  it('names every wrong field of a line, and the second of two that are one', () => {
    const csv = [
      'email,name,phone,startedOn,roles,employeeNo',
      'nobody,,12,2026-02-30,owner,1',
      'a@x.io,A,,,,7',
      'A@X.IO,B,,,,7',
      'b@x.io,C,,,,,extra',
    ].join('\n');

    const { lines, errors } = readFile(csv);

    expect(lines.map(({ name }) => name)).toEqual(['A']);
    expect(errors.map(({ line, field }) => `${line} ${field}`)).toEqual([
      '2 email',
      '2 name',
      '2 phone',
      '2 startedOn',
      '2 roles',
      '4 email',
      '4 employeeNo',
      '5 ',
    ]);
  });

  it.each([
    ['', 'no_heading'],
    ['email,name,salary\n', 'unknown_column'],
    ['email,email,name\n', 'repeated_column'],
    ['email\n', 'missing_column'],
    ['email,name\n"open,x', 'malformed'],
  ])('refuses %j as a whole: %s', (csv, code) => {
    expect(() => readFile(csv)).toThrow(expect.objectContaining({ code }) as Error);
  });

  it('takes off the apostrophe that keeps a spreadsheet from running a cell, and no other', () => {
    expect(["'=1+1", "'+27821234567", "'@x", "'-1", "O'Brien", "'tHooft"].map(unquoted)).toEqual([
      '=1+1',
      '+27821234567',
      '@x',
      '-1',
      "O'Brien",
      "'tHooft",
    ]);
  });
});

describe('the tree of managers', () => {
  it('tells a circle by its path', () => {
    expect(circleOf('a', 'c', ['b', 'a'])).toEqual(['a', 'c', 'b', 'a']);
    expect(circleOf('a', 'a', [])).toEqual(['a', 'a']);
    expect(circleOf('a', 'd', ['e'])).toBeNull();
  });

  it('finds who stands in a circle and who stands deeper than twelve levels', () => {
    const chain = Array.from({ length: 14 }, (_, n): [string, string | null] => [
      `p${n}`,
      n === 0 ? null : `p${n - 1}`,
    ]);
    const managerOf = new Map<string, string | null>([...chain, ['x', 'y'], ['y', 'x'], ['z', 'x']]);

    expect(misplaced(managerOf)).toEqual({ circled: ['x', 'y'], tooDeep: ['p12', 'p13'] });
    expect(managersAbove('z', managerOf)).toEqual(['x', 'y']);
  });
});

describe('the standing of a person', () => {
  it('goes only where it may', () => {
    expect(canStep('activate', 'suspended')).toBe(false);
    expect(canStep('suspend', 'invited')).toBe(false);
    expect(canStep('deactivate', 'deactivated')).toBe(false);
    expect(canStep('reactivate', 'active')).toBe(false);
    expect(
      ['invited', 'pending_verification', 'suspended', 'active'].map((from) => restoredStatus(from as User['status'])),
    ).toEqual(['invited', 'invited', 'active', 'active']);
  });

  it('can be undone to the last millisecond of thirty days', () => {
    const done = new Date('2026-01-31T12:00:00.000Z');

    expect(canUndo(done, new Date('2026-03-02T11:59:59.999Z'))).toBe(true);
    expect(canUndo(done, new Date('2026-03-02T12:00:00.000Z'))).toBe(false);
  });

  it('lets nobody but the owner into a closed organisation, and nobody into a suspended one', () => {
    // Only what the question looks at.
    const ask = (status: string, home: string, id = 'o') =>
      maySignIn({ id, status } as User, { ownerId: 'o', status: home } as never);

    expect([ask('active', 'closed'), ask('active', 'closed', 'x')]).toEqual([true, false]);
    expect([ask('active', 'trial'), ask('suspended', 'active'), ask('active', 'suspended')]).toEqual([
      true,
      false,
      false,
    ]);
  });
});

describe('field rules', () => {
  const rules = withPresets({
    fields: { email: { seenBy: 'everybody', changedBy: 'write' } },
    customFields: [
      { name: 'start', label: 'Start', type: 'date', choices: [], seenBy: 'everybody', changedBy: 'self' },
      { name: 'note', label: 'Note', type: 'text', choices: [], seenBy: 'details', changedBy: 'write' },
    ],
  });
  const user = { id: 'u', email: 'a@x.io', phone: '+1', status: 'active', version: 1 } as User;

  it('open a field to everybody, and keep the rest as it is', () => {
    expect(shown(user, null, 'colleague', rules)).toMatchObject({ email: 'a@x.io' });
    expect(shown(user, null, 'colleague', rules)).not.toHaveProperty('phone');
    expect(shown(user, null, 'colleague', withPresets(noRules))).not.toHaveProperty('email');
    expect(shown(user, null, 'self', withPresets(noRules))).toMatchObject({ phone: '+1', status: 'active' });
  });

  it('show a field of any name only where somebody gave it a value', () => {
    const odd: CustomField = {
      name: 'constructor',
      label: 'Builder',
      type: 'text',
      choices: [],
      seenBy: 'everybody',
      changedBy: 'self',
    };
    const profile = { address: null, birthday: null, emergencyContact: null, skills: [], customFields: {} };

    expect(shown(user, profile, 'details', { fields: {}, customFields: [odd] }).profile?.customFields).toEqual({});
  });

  it('hold values to their type, days of the calendar included', () => {
    const wrong = (value: string | number | boolean | null) =>
      wrongCustomValues({ customFields: { start: value } }, rules).map(({ code }) => code);

    expect([wrong('2024-02-29'), wrong(null), wrong('2026-02-29'), wrong(7)]).toEqual([
      [],
      [],
      ['invalid_value'],
      ['invalid_value'],
    ]);
    expect(
      forbiddenFields({ customFields: { note: 'x', start: null } }, 'self', rules).map(({ path }) => path),
    ).toEqual(['customFields.note']);
    expect(forbiddenFields({ customFields: { note: 'x' } }, 'write', rules)).toEqual([]);
  });
});
