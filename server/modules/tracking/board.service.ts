import { Dashboard, type DashboardChange, type NewDashboard, type Widget } from '@loro/contracts/activity-boards';
import type { z } from 'zod';
import { type Actor, allow, type Hub, HubError, NotFound, type Page, pageOf, ulid } from '../../platform';
import type { WidgetStore } from './widget.store';

interface BoardRow {
  readonly id: string;
  readonly name: string;
  readonly ownerId: string;
  readonly layout: string;
  readonly isShared: number;
  readonly createdAt: Date;
  readonly version: number;
}

const COLUMNS = 'id, name, owner_id AS ownerId, layout, is_shared AS isShared, created_at AS createdAt, version';

const present = ({ layout, isShared, createdAt, ...row }: BoardRow): Dashboard => ({
  ...row,
  layout: Dashboard.shape.layout.parse(JSON.parse(layout)),
  isShared: isShared === 1,
  createdAt: createdAt.toISOString(),
});

/** Dashboards: one's own, and those that others of the organisation share. */
export class Boards {
  constructor(
    private readonly hub: Hub,
    private readonly widgets: WidgetStore,
  ) {}

  async list(
    actor: Actor,
    { limit, cursor }: { limit: number; cursor?: string | undefined },
  ): Promise<Page<Dashboard>> {
    const { orgId, userId } = actor;
    const before = this.hub.cursors.decode('dashboards', cursor);
    const rows = await this.hub.select<BoardRow>(
      `SELECT ${COLUMNS} FROM dashboards WHERE org_id = :orgId AND (owner_id = :userId OR is_shared) AND id < :before
        ORDER BY id DESC LIMIT ${limit + 1}`,
      { orgId, userId, before: before?.[0] ?? 'Z' },
    );
    return pageOf(rows, limit, ({ id }) => this.hub.cursors.encode('dashboards', [id]), present);
  }

  async get(actor: Actor, id: string): Promise<Dashboard & { widgets: Widget[] }> {
    const board = await this.seen(actor, id);
    return { ...board, widgets: await this.widgets.ofBoard(actor.orgId, id) };
  }

  async create(actor: Actor, { name, isShared, layout }: z.output<typeof NewDashboard>): Promise<Dashboard> {
    const { orgId, userId } = actor;
    allow(actor, 'metrics.manage', { userId });
    const now = this.hub.now();
    await this.mustBeOf(orgId, null, layout);
    const board: Dashboard = {
      id: ulid(now.getTime()),
      name,
      ownerId: userId,
      isShared,
      layout,
      createdAt: now.toISOString(),
      version: 1,
    };
    await this.hub.transact(async (after) => {
      await this.hub.sequelize.query(
        'INSERT INTO dashboards (org_id, id, name, owner_id, layout, is_shared, created_at) VALUES (?,?,?,?,?,?,?)',
        { replacements: [orgId, board.id, name, userId, JSON.stringify(layout), isShared, now] },
      );
      after.record({ action: 'dashboard.created', entity: { type: 'dashboard', id: board.id }, after: board });
    });
    return board;
  }

  async update(
    actor: Actor,
    id: string,
    version: number,
    change: z.output<typeof DashboardChange>,
  ): Promise<Dashboard> {
    const { orgId } = actor;
    return this.hub.transact(async (after) => {
      const before = await this.owned(actor, id, version);
      if (change.layout) await this.mustBeOf(orgId, id, change.layout);
      const board = Dashboard.parse({ ...before, ...change, version: version + 1 });
      await this.hub.sequelize.query(
        'UPDATE dashboards SET name = ?, layout = ?, is_shared = ?, version = ? WHERE org_id = ? AND id = ?',
        { replacements: [board.name, JSON.stringify(board.layout), board.isShared, board.version, orgId, id] },
      );
      after.record({ action: 'dashboard.updated', entity: { type: 'dashboard', id }, before, after: board });
      return board;
    });
  }

  async remove(actor: Actor, id: string, version: number): Promise<void> {
    await this.hub.transact(async (after) => {
      const before = await this.owned(actor, id, version);
      await this.hub.sequelize.query('DELETE FROM dashboards WHERE org_id = ? AND id = ?', {
        replacements: [actor.orgId, id],
      });
      after.record({ action: 'dashboard.removed', entity: { type: 'dashboard', id }, before });
    });
  }

  /** One's own, or shared. @throws NotFound */
  async seen(actor: Actor, id: string): Promise<Dashboard> {
    const board = await this.find(actor.orgId, id);
    if (board.ownerId !== actor.userId && !board.isShared) throw new NotFound('This dashboard');
    return board;
  }

  /** Somebody's own, or any shared one for whoever manages the organisation's. @throws NotFound, HubError VERSION_CONFLICT */
  async owned(actor: Actor, id: string, version?: number): Promise<Dashboard> {
    const board = await this.find(actor.orgId, id, 'FOR UPDATE');
    const isOwn = board.ownerId === actor.userId;
    if (!isOwn && !board.isShared) throw new NotFound('This dashboard');
    allow(actor, 'metrics.manage', isOwn ? {} : { branchId: null, what: 'This dashboard' });
    if (version !== undefined && board.version !== version)
      throw new HubError('VERSION_CONFLICT', 'Somebody changed this dashboard meanwhile.', { current: board });
    return board;
  }

  private async find(orgId: string, id: string, lock = ''): Promise<Dashboard> {
    const [row] = await this.hub.select<BoardRow>(
      `SELECT ${COLUMNS} FROM dashboards WHERE org_id = :orgId AND id = :id ${lock}`,
      { orgId, id },
    );
    if (!row) throw new NotFound('This dashboard');
    return present(row);
  }

  /** A layout places widgets of its own dashboard. */
  private async mustBeOf(orgId: string, id: string | null, layout: Dashboard['layout']): Promise<void> {
    const own = id === null ? [] : await this.widgets.ofBoard(orgId, id);
    if (layout.some(({ widgetId }) => !own.some((widget) => widget.id === widgetId))) throw new NotFound('This widget');
  }
}
