import { z } from 'zod';
import { api, get } from './kit/api';
import { contract } from './kit/contract';

export const About = z.object({
  name: z.string(),
  version: z.string(),
  /** A MapLibre style for streets, where the hub's owner named one. */
  mapStyleUrl: z.string().nullable(),
  /** Whom a visitor may sign in as; null outside demo mode. */
  demo: z
    .object({
      password: z.string(),
      users: z.array(z.object({ email: z.string(), name: z.string(), role: z.string() })),
    })
    .nullable(),
});
export type About = z.infer<typeof About>;

export const hubApi = api('/about', {
  about: get('/', {
    public: 'the sign-in page needs it before anybody is signed in',
    returns: About,
    summary: 'What hub this is',
  }),
});

export const hubContract = contract({ name: 'hub', api: hubApi });
