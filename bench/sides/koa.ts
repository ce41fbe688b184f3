import type { AddressInfo } from 'node:net';
import Router from '@koa/router';
import { PageQuery } from '@loro/contracts/kit/api';
import { Id } from '@loro/contracts/kit/values';
import type { User } from '@loro/contracts/people';
import Koa, { type Context } from 'koa';
import { serve } from '../rpc';
import { type AnchorClaims, verifyForAnchors } from './anchor-tokens';

/** Reads people of an organisation, each anchor in its own way. */
export interface People {
  one(org: string, id: string): Promise<User | null>;
  list(org: string, limit: number): Promise<User[]>;
}

/** Koa as one writes it by hand: router, JWT, validation, JSON; no limits, no headers, no metrics. */
export function servePeople(people: People): void {
  const app = new Koa();
  app.silent = true;
  const router = new Router();
  router.get('/users/:userId', async (ctx) => {
    const { org } = callerOf(ctx);
    const id = Id.safeParse(ctx.params['userId']);
    const user = id.success ? await people.one(org, id.data) : null;
    if (!user) ctx.throw(404);
    ctx.body = { data: user };
  });
  router.get('/users', async (ctx) => {
    const { org } = callerOf(ctx);
    const query = PageQuery.safeParse({ ...ctx.query });
    if (!query.success) return ctx.throw(400);
    const { limit } = query.data;
    const users = await people.list(org, limit + 1);
    ctx.body = {
      data: users.slice(0, limit),
      page: { nextCursor: users.length > limit ? users.at(-1)?.id : null, limit },
    };
  });
  app.use(router.routes());
  const http = app.listen(0, '127.0.0.1', () =>
    // A server that listens on a port has an address of this kind.
    serve({}, { port: (http.address() as AddressInfo).port }),
  );
}

function callerOf(ctx: Context): AnchorClaims {
  try {
    return verifyForAnchors(ctx.get('authorization').slice('Bearer '.length));
  } catch {
    return ctx.throw(401);
  }
}
