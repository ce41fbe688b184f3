import type { User } from '@loro/contracts/people';
import type { RowDataPacket } from 'mysql2/promise';
import { connectPool } from '../../server/platform/db/connect';
import { servePeople } from './koa';

const pool = connectPool(process.env['DATABASE_URL'] ?? '', 20);
const SELECT = `SELECT id, email, name, status, kind, home_branch_id AS homeBranchId, job_title AS jobTitle,
  employee_no AS employeeNo, version FROM users WHERE org_id = ?`;

type Row = User & RowDataPacket;

servePeople({
  one: async (org, id) => {
    const [rows] = await pool.query<Row[]>(`${SELECT} AND id = ?`, [org, id]);
    return rows[0] ?? null;
  },
  list: async (org, limit) => {
    const [rows] = await pool.query<Row[]>(`${SELECT} ORDER BY name, id LIMIT ?`, [org, limit]);
    return rows;
  },
});
