import type { Widget } from '@loro/contracts/activity-boards';
import { MetricQuery } from '@loro/contracts/activity-values';
import { type Hub, NotFound } from '../../platform';

interface WidgetRow {
  readonly id: string;
  readonly dashboardId: string;
  readonly title: string;
  readonly query: string;
  readonly viz: Widget['viz'];
  readonly refreshSec: number;
  readonly version: number;
}

const COLUMNS = 'w.id, w.dashboard_id AS dashboardId, w.title, w.query, w.viz, w.refresh_sec AS refreshSec, w.version';
const present = ({ query, ...row }: WidgetRow): Widget => ({ ...row, query: MetricQuery.parse(JSON.parse(query)) });

export class WidgetStore {
  constructor(private readonly hub: Hub) {}

  async ofBoard(orgId: string, dashboardId: string, lock = ''): Promise<Widget[]> {
    return this.select(`w.org_id = :orgId AND w.dashboard_id = :dashboardId ORDER BY w.id ${lock}`, {
      orgId,
      dashboardId,
    });
  }

  /** @throws NotFound */
  async widget(orgId: string, id: string, lock = ''): Promise<Widget> {
    const [widget] = await this.select(`w.org_id = :orgId AND w.id = :id ${lock}`, { orgId, id });
    if (!widget) throw new NotFound('This widget');
    return widget;
  }

  async select(condition: string, values: Record<string, unknown>): Promise<Widget[]> {
    const rows = await this.hub.select<WidgetRow>(
      `SELECT ${COLUMNS} FROM widgets w JOIN dashboards d ON d.org_id = w.org_id AND d.id = w.dashboard_id WHERE ${condition}`,
      values,
    );
    return rows.map(present);
  }

  async put(orgId: string, widget: Widget): Promise<void> {
    await this.hub.sequelize.query(
      `INSERT INTO widgets (org_id, id, dashboard_id, title, query, viz, refresh_sec, version) VALUES (?,?,?,?,?,?,?,?)
       ON DUPLICATE KEY UPDATE title = VALUES(title), query = VALUES(query), viz = VALUES(viz),
         refresh_sec = VALUES(refresh_sec), version = VALUES(version)`,
      {
        replacements: [
          orgId,
          widget.id,
          widget.dashboardId,
          widget.title,
          JSON.stringify(widget.query),
          widget.viz,
          widget.refreshSec,
          widget.version,
        ],
      },
    );
  }
}
