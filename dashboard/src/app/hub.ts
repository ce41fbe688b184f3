import { createLoroHub } from '@loro/client';
import { setHubOffset } from '../ui/use-now';

/** The one connection of this page; it lives outside React, so that no remount can double it. */
export const hub = createLoroHub({ url: window.location.origin, cookie: true });

// With every new connection the hub says what time it is.
hub.onStatus(() => setHubOffset(hub.time()));
