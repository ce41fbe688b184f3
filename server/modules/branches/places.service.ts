import type { Branch } from '@loro/contracts/branches';
import type { DistributionCell, FenceTest, FenceVerdict, MapBranch } from '@loro/contracts/branches-places';
import { cellToLatLng, latLngToCell } from 'h3-js';
import { Op, type WhereOptions } from 'sequelize';
import type { z } from 'zod';
import { type Actor, distanceM, type Hub, reachOf } from '../../platform';
import { BranchModel, e7 } from './branch.model';
import type { DirectoryService } from './directory.service';
import { latitudeReach, longitudeReach, shapeOf } from './fences.policy';

interface LatLng {
  readonly lat: number;
  readonly lng: number;
}

const MAP_MOST = 1_000;
const FEWEST_SHOWN = 3;
const FIRST_REACH_M = 10_000;
const HALF_ROUND_M = 20_100_000;
const WIDER = 8;

/** Where branches are. */
export class PlacesService {
  constructor(
    private readonly hub: Hub,
    private readonly directory: DirectoryService,
  ) {}

  async test(actor: Actor, { position, accuracyM }: z.output<typeof FenceTest>): Promise<{ fences: FenceVerdict[] }> {
    const rows = await this.fenced(this.directory.visible(actor));
    return { fences: verdicts(rows, position, accuracyM) };
  }

  /**
   * How surely a reading lies inside the fences of these branches, the surest first: where somebody may check in at
   * several, the first of them is it.
   */
  async inside(orgId: string, branchIds: readonly string[], at: LatLng, accuracyM: number): Promise<FenceVerdict[]> {
    return verdicts(await this.fenced({ orgId, id: [...branchIds] }), at, accuracyM);
  }

  async map(
    actor: Actor,
    [west, south, east, north]: readonly [number, number, number, number],
  ): Promise<{ branches: z.output<typeof MapBranch>[]; isCut: boolean }> {
    const rows = await BranchModel.findAll({
      where: {
        [Op.and]: [
          this.directory.visible(actor),
          { latE7: { [Op.between]: [e7(south), e7(north)] } },
          // A box that crosses the antimeridian is two.
          west <= east
            ? { lngE7: { [Op.between]: [e7(west), e7(east)] } }
            : { lngE7: { [Op.or]: [{ [Op.gte]: e7(west) }, { [Op.lte]: e7(east) }] } },
        ],
      },
      order: ['code'],
      limit: MAP_MOST + 1,
    });
    const members = await this.directory.membersBy(actor.orgId);
    const branches = rows
      .slice(0, MAP_MOST)
      .flatMap(({ id, code, name, kind, status, position }) =>
        position ? [{ id, code, name, kind, status, position, members: members.get(id) ?? 0 }] : [],
      );
    return { branches, isCut: rows.length > MAP_MOST };
  }

  /** Looks in a box that grows until as many lie within the circle that it holds. */
  async nearest(
    actor: Actor,
    { lat, lng, limit }: LatLng & { limit: number },
  ): Promise<{ branches: { branch: Branch; distanceM: number }[] }> {
    const now = this.hub.now();
    for (let reach = FIRST_REACH_M; ; reach *= WIDER) {
      const rows = await BranchModel.findAll({
        where: { [Op.and]: [this.directory.visible(actor), { status: 'active' }, box({ lat, lng }, reach)] },
      });
      const found = rows
        .flatMap((row) => (row.position ? [{ row, distance: distanceM(row.position, { lat, lng }) }] : []))
        .toSorted((a, b) => a.distance - b.distance || (a.row.code < b.row.code ? -1 : 1));
      const within = found.filter(({ distance }) => distance <= reach);
      if (within.length < limit && reach < HALF_ROUND_M) continue;
      return {
        branches: found
          .slice(0, limit)
          .map(({ row, distance }) => ({ branch: row.toContract(now), distanceM: Math.round(distance * 10) / 10 })),
      };
    }
  }

  /** People are counted where their branch is; cells in which one could be told from another are left out. */
  async distribution(actor: Actor, resolution: number) {
    const { scope, branchIds } = reachOf(actor, 'branches.read-metrics');
    const { orgId } = actor;
    const rows = await BranchModel.findAll({
      where: { orgId, status: 'active', ...(scope !== 'org' && { id: [...branchIds] }) },
    });
    const placed = new Map(rows.flatMap(({ id, position }) => (position ? [[id, position] as const] : [])));
    const cells = new Map<string, { people: Set<string>; branches: number }>();
    const cellOf = new Map<string, string>();
    for (const [id, { lat, lng }] of placed) {
      const cell = latLngToCell(lat, lng, resolution);
      cellOf.set(id, cell);
      const known = cells.get(cell) ?? { people: new Set<string>(), branches: 0 };
      cells.set(cell, { ...known, branches: known.branches + 1 });
    }
    for (const { branchId, userId } of await this.members(orgId)) {
      const cell = cellOf.get(branchId);
      if (cell !== undefined) cells.get(cell)?.people.add(userId);
    }
    const shown = [...cells].filter(([, { people }]) => people.size >= FEWEST_SHOWN);
    return {
      resolution,
      cells: shown
        .map(([cell, { people, branches }]): z.output<typeof DistributionCell> => {
          const [lat, lng] = cellToLatLng(cell);
          return { cell, center: { lat, lng }, people: people.size, branches };
        })
        .toSorted((a, b) => b.people - a.people || (a.cell < b.cell ? -1 : 1)),
      hiddenCells: [...cells.values()].filter(({ people }) => people.size > 0 && people.size < FEWEST_SHOWN).length,
    };
  }

  private members(orgId: string): Promise<{ branchId: string; userId: string }[]> {
    return this.hub.select(
      `SELECT DISTINCT branch_id AS branchId, user_id AS userId FROM branch_memberships
        WHERE org_id = :orgId AND state = 'current'`,
      { orgId },
    );
  }

  private fenced(where: WhereOptions): Promise<BranchModel[]> {
    return BranchModel.findAll({
      where: {
        [Op.and]: [
          where,
          { status: 'active', [Op.or]: [{ fenceRadiusM: { [Op.not]: null } }, { fenceCorners: { [Op.not]: null } }] },
        ],
      },
      order: ['id'],
    });
  }
}

function verdicts(rows: readonly BranchModel[], at: LatLng, accuracyM: number): FenceVerdict[] {
  return rows
    .flatMap(({ id, code, fence }) => {
      if (!fence) return [];
      const shape = shapeOf(fence);
      const s = shape.signedDistanceM(at);
      return [{ branchId: id, code, s, insideProbability: shape.insideProbability(at, accuracyM) }];
    })
    .toSorted((a, b) => b.insideProbability - a.insideProbability || b.s - a.s || (a.code < b.code ? -1 : 1))
    .map(({ branchId, code, s, insideProbability: p }) => ({
      branchId,
      code,
      signedDistanceM: Math.round(s * 10) / 10,
      insideProbability: Math.round(p * 1_000) / 1_000,
    }));
}

/** Rows of the index that can lie within a circle. */
function box({ lat, lng }: LatLng, reachM: number): WhereOptions {
  const high = latitudeReach(reachM);
  const wide = longitudeReach(lat, reachM);
  const latitudes = { latE7: { [Op.between]: [e7(Math.max(-90, lat - high)), e7(Math.min(90, lat + high))] } };
  if (wide >= 180) return latitudes;
  const [west, east] = [lng - wide, lng + wide];
  if (west >= -180 && east <= 180) return { ...latitudes, lngE7: { [Op.between]: [e7(west), e7(east)] } };
  const [from, to] = west < -180 ? [west + 360, east] : [west, east - 360];
  return { ...latitudes, lngE7: { [Op.or]: [{ [Op.gte]: e7(from) }, { [Op.lte]: e7(to) }] } };
}
