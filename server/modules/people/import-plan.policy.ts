import type { User } from '@loro/contracts/people';
import type { LineError } from '@loro/contracts/people-import';
import type { ImportFile, ImportLine } from './import.policy';
import { misplaced } from './managers.policy';

/** Somebody who is in the organisation already. */
export type Known = Pick<
  User,
  | 'id'
  | 'email'
  | 'name'
  | 'phone'
  | 'status'
  | 'kind'
  | 'homeBranchId'
  | 'managerId'
  | 'jobTitle'
  | 'employeeNo'
  | 'timezone'
  | 'locale'
  | 'startedOn'
>;

type Fields = Pick<User, 'name'> &
  Partial<
    Pick<User, 'phone' | 'homeBranchId' | 'managerId' | 'jobTitle' | 'employeeNo' | 'timezone' | 'locale' | 'startedOn'>
  >;

/** What a line makes of a person. */
export interface Planned {
  readonly line: number;
  readonly id: string;
  readonly email: string;
  readonly roles: readonly string[] | undefined;
  /** Of somebody who is there already: only what differs. */
  readonly fields: Partial<Fields>;
}

export interface Plan {
  readonly created: readonly Planned[];
  readonly updated: readonly Planned[];
  readonly unchanged: number;
  readonly errors: readonly LineError[];
}

interface World {
  readonly known: readonly Known[];
  /** By what the file calls them. */
  readonly branches: ReadonlyMap<string, string>;
  readonly newId: () => string;
}

/** What a file would do to an organisation; lines that cannot stand are errors and do nothing. */
export function planOf(file: ImportFile, world: World): Plan {
  const people = new Map(world.known.map((person) => [person.email, person]));
  const ids = new Map(file.lines.map(({ email }) => [email, people.get(email)?.id ?? world.newId()]));
  let { lines } = file;
  const errors = [...file.errors];
  // A line whose manager stands in a bad line is bad too, so that one look is not enough.
  for (;;) {
    const wrong = wrongLines(lines, { ...world, people, ids });
    if (wrong.length === 0) break;
    errors.push(...wrong);
    const bad = new Set(wrong.map(({ line }) => line));
    lines = lines.filter(({ line }) => !bad.has(line));
  }
  const planned = lines.map((line) => plannedOf(line, { ...world, people, ids }));
  const changed = planned.filter(({ fields }) => Object.keys(fields).length > 0);
  return {
    created: changed.filter(({ email }) => !people.has(email)),
    updated: changed.filter(({ email }) => people.has(email)),
    unchanged: planned.length - changed.length,
    errors: errors.toSorted((a, b) => a.line - b.line),
  };
}

interface Looked extends World {
  readonly people: ReadonlyMap<string, Known>;
  readonly ids: ReadonlyMap<string, string>;
}

function managerIdOf(email: string, lines: ReadonlySet<string>, { people, ids }: Looked): string | undefined {
  if (lines.has(email)) return ids.get(email);
  const manager = people.get(email);
  return manager && manager.status !== 'deactivated' && manager.kind !== 'service' ? manager.id : undefined;
}

function wrongLines(lines: readonly ImportLine[], looked: Looked): LineError[] {
  const { people, branches, known } = looked;
  const inFile = new Set(lines.map(({ email }) => email));
  const numbers = new Map(known.map(({ employeeNo, email }) => [employeeNo?.toLowerCase() ?? null, email]));
  const wrong = lines.flatMap(({ line, email, branch, manager, employeeNo }): LineError[] => {
    const person = people.get(email);
    const found: LineError[] = [];
    const say = (field: string, code: string, message: string) => found.push({ line, field, code, message });
    if (person?.status === 'deactivated') say('email', 'deactivated', 'belongs to somebody who left');
    if (person?.kind === 'service') say('email', 'taken', 'belongs to a program');
    if (branch !== undefined && !branches.has(branch)) say('branch', 'unknown', 'is no branch of the organisation');
    if (manager !== undefined && managerIdOf(manager, inFile, looked) === undefined)
      say('manager', 'unknown', 'is nobody of the organisation or of the good lines');
    const holder = employeeNo === undefined ? undefined : numbers.get(employeeNo.toLowerCase());
    if (holder !== undefined && holder !== email) say('employeeNo', 'taken', 'belongs to somebody else');
    return found;
  });
  return wrong.length > 0 ? wrong : wrongManagers(lines, { inFile, looked });
}

function wrongManagers(
  lines: readonly ImportLine[],
  { inFile, looked }: { inFile: ReadonlySet<string>; looked: Looked },
): LineError[] {
  if (lines.every(({ manager }) => manager === undefined)) return [];
  const managerOf = new Map<string, string | null>(looked.known.map(({ id, managerId }) => [id, managerId]));
  const byId = new Map<string, ImportLine>();
  for (const line of lines) {
    const id = looked.ids.get(line.email) ?? '';
    byId.set(id, line);
    if (line.manager !== undefined) managerOf.set(id, managerIdOf(line.manager, inFile, looked) ?? null);
    else if (!managerOf.has(id)) managerOf.set(id, null);
  }
  const { circled, tooDeep } = misplaced(managerOf);
  const say = (ids: readonly string[], code: string, message: string) =>
    ids.flatMap((id): LineError[] => {
      const line = byId.get(id);
      return line?.manager === undefined ? [] : [{ line: line.line, field: 'manager', code, message }];
    });
  return [
    ...say(circled, 'manager_cycle', 'would close a circle of managers'),
    ...say(tooDeep, 'manager_depth', 'stands deeper than twelve levels'),
  ];
}

function plannedOf(line: ImportLine, looked: Looked): Planned {
  const { email, branch, manager, roles, line: number, ...fields } = line;
  const person = looked.people.get(email);
  const wanted = {
    ...fields,
    ...(branch !== undefined && { homeBranchId: looked.branches.get(branch) ?? null }),
    ...(manager !== undefined && { managerId: looked.ids.get(manager) ?? looked.people.get(manager)?.id ?? null }),
  };
  const given = Object.entries(wanted).filter(([, value]) => value !== undefined);
  const differing = person ? given.filter(([name, value]) => Reflect.get(person, name) !== value) : given;
  return { line: number, id: looked.ids.get(email) ?? '', email, roles, fields: Object.fromEntries(differing) };
}
