export const MAX_DEPTH = 32;

/** Says whether a parsed value is nested deeper than the hub takes, without recursion that such a value could exhaust. */
export function isTooDeep(value: unknown, maxDepth = MAX_DEPTH): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > maxDepth) return true;
    level = level.flatMap((entry) =>
      typeof entry === 'object' && entry !== null && !Buffer.isBuffer(entry) ? Object.values(entry) : [],
    );
  }
  return false;
}

/** JSON with sorted keys, so that equal inputs have equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, entry: unknown) =>
    typeof entry === 'object' && entry !== null && !Array.isArray(entry)
      ? Object.fromEntries(Object.entries(entry).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : entry,
  );
}
