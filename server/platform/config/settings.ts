import { settingRegistry } from '@loro/contracts/catalog';
import { z } from 'zod';

const json = z
  .string()
  .default('{}')
  .transform((text, context) => {
    try {
      const parsed: unknown = JSON.parse(text);
      if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return { ...parsed };
    } catch {
      // Said below, as for JSON of another shape.
    }
    context.addIssue({ code: 'custom', message: 'is not a JSON object' });
    return z.NEVER;
  });

/** Settings by name, each as its room declares it. */
export const LoroSettings = json.transform((given, context) => {
  const settings: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    const definition = Object.hasOwn(settingRegistry, name) ? settingRegistry[name] : undefined;
    const parsed = definition?.schema.safeParse(value);
    if (parsed?.success) settings[name] = parsed.data;
    for (const message of parsed ? (parsed.error?.issues ?? []).map((issue) => issue.message) : ['is no setting'])
      context.addIssue({ code: 'custom', path: [name], message });
  }
  return settings;
});
