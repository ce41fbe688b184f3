import { z } from 'zod';
import { Instant } from './kit/values';

export const flagTypes = ['release', 'experiment', 'operational', 'kill_switch', 'permission'] as const;

/** A flag that outlived what flags of its type are for. */
export const StaleFlag = z.object({ key: z.string(), type: z.enum(flagTypes), createdAt: Instant });

export const FlagUsageFlush = z.object({ tick: Instant });
