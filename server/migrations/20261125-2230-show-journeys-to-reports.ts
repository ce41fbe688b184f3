import type { Migration } from '../platform/db/migrate';

const views = {
  report_trips: `SELECT t.org_id, t.id AS trip_id, t.trackable_id, k.branch_id, k.user_id, k.kind, k.name, t.on_date,
    t.start_at, t.end_at, t.start_name, t.end_name, t.distance_m, t.moving_sec,
    TIMESTAMPDIFF(SECOND, t.start_at, t.end_at) AS total_sec, t.max_kmh, t.purpose, t.driver_id, t.state
    FROM trips t JOIN trackables k ON k.org_id = t.org_id AND k.id = t.trackable_id`,
  report_stops: `SELECT s.org_id, s.id AS stop_id, s.trackable_id, k.branch_id, k.user_id, k.kind, k.name AS trackable_name,
    s.on_date, s.start_at, s.end_at, s.fixes, s.confidence, s.fence_id, s.name AS place_name
    FROM track_stops s JOIN trackables k ON k.org_id = s.org_id AND k.id = s.trackable_id`,
  report_tracked_days: `SELECT d.org_id, d.trackable_id, k.branch_id, k.user_id, k.kind, k.name, d.on_date, d.zone,
    d.distance_m, d.estimated_m, d.moving_sec, d.fixes, d.first_at, d.last_at, d.revision
    FROM tracked_days d JOIN trackables k ON k.org_id = d.org_id AND k.id = d.trackable_id`,
  report_speeding: `SELECT s.org_id, s.id AS speeding_id, s.trackable_id, k.branch_id, k.user_id, k.kind, k.name, s.on_date,
    s.start_at, s.end_at, s.limit_kmh, s.source, s.max_kmh
    FROM speed_events s JOIN trackables k ON k.org_id = s.org_id AND k.id = s.trackable_id`,
  report_gaps: `SELECT g.org_id, g.id AS gap_id, g.trackable_id, k.branch_id, k.user_id, k.kind, k.name, g.on_date,
    g.start_at, g.end_at, g.reason, g.distance_m, g.is_estimated
    FROM track_gaps g JOIN trackables k ON k.org_id = g.org_id AND k.id = g.trackable_id`,
};

export const up: Migration['up'] = async ({ sql }) => {
  for (const [name, query] of Object.entries(views)) await sql(`CREATE VIEW ${name} AS ${query}`);
};

export const down: Migration['down'] = async ({ sql }) => {
  for (const name of Object.keys(views)) await sql(`DROP VIEW ${name}`);
};
