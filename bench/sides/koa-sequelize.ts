import { UserModel } from '../../server/modules/people/user.model';
import { connectSequelize } from '../../server/platform/db/connect';
import { servePeople } from './koa';

connectSequelize({ url: process.env['DATABASE_URL'] ?? '', poolSize: 20, models: [UserModel] });

servePeople({
  one: async (orgId, id) => (await UserModel.findOne({ where: { orgId, id } }))?.toContract() ?? null,
  list: async (orgId, limit) => {
    const rows = await UserModel.findAll({ where: { orgId }, order: ['name', 'id'], limit });
    return rows.map((row) => row.toContract());
  },
});
