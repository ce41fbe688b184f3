import type { ChainLink } from '@loro/contracts/configuration-values';
import type { SettingDefinition } from '@loro/contracts/kit/settings';
import type { Contract } from '@loro/contracts/kit/contract';

/** One place where a value may come from. */
export interface Candidate {
  readonly level: ChainLink['level'];
  readonly ownerId: string | null;
  readonly isSet: boolean;
  /** False where it was set under an earlier schema that the present one does not take. */
  readonly isValid: boolean;
  readonly value: unknown;
  readonly last4: string | null;
  readonly isLocked: boolean;
  readonly version: number;
}

type Outcome = ChainLink['outcome'];

export interface Resolved {
  readonly counts: Candidate;
  /** Whether a level that counts forbids those below it to differ. */
  readonly isLocked: boolean;
  /** In the order of the candidates. */
  readonly outcomes: readonly Outcome[];
}

const hubWide: ReadonlySet<Candidate['level']> = new Set(['default', 'environment', 'platform']);

/**
 * Later candidates win, unless an earlier one is locked, or they are weaker than what holds for the whole hub: a floor
 * that was raised after a value was set holds at once.
 * @param candidates lowest precedence first; the first is the default, which is always set
 */
export function resolve(
  definition: Pick<SettingDefinition, 'isAtLeast'>,
  candidates: readonly [Candidate, ...Candidate[]],
): Resolved {
  let [counts] = candidates;
  let floor = counts.value;
  let isLocked = false;
  const outcomes = new Map<Candidate, Outcome>();
  for (const candidate of candidates) {
    const isHubWide = hubWide.has(candidate.level);
    const refusal = refusalOf(candidate, isLocked, () =>
      isHubWide ? true : (definition.isAtLeast?.(candidate.value, floor) ?? true),
    );
    if (refusal) {
      outcomes.set(candidate, refusal);
      continue;
    }
    if (candidate !== counts) outcomes.set(counts, 'overridden');
    counts = candidate;
    outcomes.set(candidate, 'counts');
    if (isHubWide) floor = candidate.value;
    isLocked = candidate.isLocked;
  }
  return { counts, isLocked, outcomes: candidates.map((candidate) => outcomes.get(candidate) ?? 'not-set') };
}

function refusalOf({ isSet, isValid }: Candidate, isLocked: boolean, isStrict: () => boolean): Outcome | null {
  if (!isSet) return 'not-set';
  if (isLocked) return 'locked-above';
  if (!isValid) return 'no-longer-valid';
  return isStrict() ? null : 'below-floor';
}

/** What is wrong with the settings that rooms declare: a name twice, a preset that its own schema refuses. */
export function wrongSettings(rooms: readonly Pick<Contract, 'name' | 'settings'>[]): string[] {
  const owners = new Map<string, string>();
  return rooms.flatMap(({ name: room, settings }) =>
    Object.entries(settings ?? {}).flatMap(([key, { schema, preset, levels }]) => {
      const other = owners.get(key);
      owners.set(key, room);
      return [
        ...(other === undefined ? [] : [`the setting ${key} is declared by ${other} and by ${room}`]),
        ...(/^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+$/.test(key) && key.length <= 80
          ? []
          : [`the setting ${key} is not named like area.name`]),
        ...(schema.safeParse(preset).success ? [] : [`the preset of ${key} does not fit its schema`]),
        ...(levels.length > 0 ? [] : [`the setting ${key} can be set nowhere`]),
      ];
    }),
  );
}
