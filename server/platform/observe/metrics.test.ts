import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { testHub } from '../../testing/test-hub';

const hub = testHub();

const Dashboard = z.object({
  title: z.string().min(1),
  schemaVersion: z.number().int().min(36),
  templating: z.object({ list: z.array(z.object({ name: z.string() })) }),
  panels: z
    .array(
      z.object({
        id: z.number().int(),
        title: z.string().min(1),
        type: z.string(),
        targets: z.array(z.object({ expr: z.string().min(1) })).default([]),
      }),
    )
    .min(1),
});

const dashboard = Dashboard.parse(
  JSON.parse(readFileSync(path.join(__dirname, '../../../deploy/grafana/loro-hub.json'), 'utf8')),
);
const expressions = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));

describe('the Grafana dashboard', () => {
  it('draws only what a gateway measures', async () => {
    const named = [...new Set(expressions.flatMap((expr) => expr.match(/\bloro_\w+/g) ?? []))];
    const measured = new Set(
      (await hub.hub.metrics.registry.getMetricsAsJSON()).flatMap(({ name }) => [
        name,
        `${name}_bucket`,
        `${name}_count`,
        `${name}_sum`,
      ]),
    );

    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((name) => !measured.has(name))).toEqual([]);
  });

  it('tells its panels apart, and each but the headings draws something', () => {
    const ids = dashboard.panels.map(({ id }) => id);

    expect(new Set(ids).size).toBe(ids.length);
    expect(dashboard.panels.filter(({ type, targets }) => type !== 'row' && targets.length === 0)).toEqual([]);
  });
});

describe('the metrics', () => {
  it('are in the text that Prometheus reads, with the node’s name', async () => {
    const response = await fetch(`${hub.url}/metrics`);
    const text = await response.text();

    for (const name of [
      'loro_live_connections',
      'loro_outbox_age_seconds',
      'loro_authz_age_seconds',
      'loro_live_fast_path',
    ])
      expect(text).toMatch(new RegExp(`^${name}\\{[^}]*node="test"[^}]*\\} `, 'm'));
    expect(text).toMatch(/^loro_event_loop_lag_seconds\{[^}]*quantile="0.99"/m);
  });

  it('say their unit, or that they count', async () => {
    const ours = (await hub.hub.metrics.registry.getMetricsAsJSON())
      .map(({ name }) => name)
      .filter((name) => name.startsWith('loro_') && !/^loro_(process|nodejs)_/.test(name));
    const counts = ['connections', 'members', 'sessions', 'streams', 'readers', 'events', 'jobs', 'rows', 'total'];
    const states = new Set(['loro_node_overload', 'loro_live_fast_path']);

    const unclear = ours.filter(
      (name) => !states.has(name) && ![...counts, 'seconds', 'bytes'].some((unit) => name.endsWith(`_${unit}`)),
    );
    expect(unclear).toEqual([]);
  });
});
