// Who may import whom. `npm run walls` runs this and fails when it saw too few files to mean anything.
const floors = require('./server/modules/floors.json');

const ROOM = '^server/modules/([^/]+)/';
const TEST = '\\.test\\.tsx?$';
const room = (names) => `^server/modules/(${names.join('|')})/`;
const roomsOn = (isWanted) => Object.keys(floors).filter((name) => isWanted(floors[name]));

/** A room imports rooms of lower floors only; its tests may mount whatever they need beside it. */
const floorRules = [...new Set(Object.values(floors))].map((floor) => ({
  name: `floor-${floor}-looks-down`,
  severity: 'error',
  comment: `Rooms of floor ${floor} import lower floors only. Tell upward and sideways by an event, a job or a hook.`,
  from: { path: room(roomsOn((other) => other === floor)), pathNot: TEST },
  to: { path: room(roomsOn((other) => other >= floor)), pathNot: '^server/modules/$1/' },
}));

const wall = (name, comment, from, to) => ({ name, severity: 'error', comment, from, to });

module.exports = {
  forbidden: [
    wall('no-circles', 'Type imports count too.', {}, { circular: true }),
    wall('everything-resolves', 'Otherwise a wall may look past it.', {}, { couldNotResolve: true }),
    wall(
      'contracts-know-nobody',
      'The ground floor.',
      { path: '^contracts/' },
      { path: '^(server|workers|client-sdk|dashboard|scripts)/' },
    ),
    wall(
      'contracts-import-zod-alone',
      'They run in browsers and servers alike.',
      { path: '^contracts/src/', pathNot: TEST },
      { pathNot: ['^contracts/', 'node_modules/zod/'] },
    ),
    wall(
      'platform-knows-no-module',
      'What it needs of a room is a port that the room fills at boot.',
      { path: '^server/platform/', pathNot: TEST },
      { path: '^server/modules/' },
    ),
    wall(
      'modules-meet-at-the-door',
      'Import another room’s index.ts, nothing behind it.',
      { path: ROOM },
      { path: ROOM, pathNot: ['^server/modules/$1/', '/index\\.ts$'] },
    ),
    ...floorRules,
    wall(
      'every-room-has-a-floor',
      'Add it to server/modules/floors.json.',
      { path: ROOM, pathNot: room(Object.keys(floors)) },
      {},
    ),
    wall(
      'workers-enter-by-the-door',
      'Workers see rooms as the server does.',
      { path: '^workers/' },
      { path: '^server/modules/[^/]+/', pathNot: '/index\\.ts$' },
    ),
    wall(
      'server-knows-no-worker',
      'It enqueues; who works is not its business.',
      { path: '^server/' },
      { path: '^workers/' },
    ),
    wall(
      'sdk-is-a-stranger',
      'The SDK and the dashboard know the wire, not the server.',
      { path: '^(client-sdk|dashboard)/', pathNot: TEST },
      { path: '^(server|workers)/' },
    ),
    wall(
      'only-models-and-services-speak-sequelize',
      'Routes, sockets and jobs are tables of verbs.',
      { path: '^server/modules/', pathNot: '\\.(model|service|store|test)\\.ts$' },
      { path: 'node_modules/sequelize' },
    ),
    wall(
      'sockets-stay-in-platform',
      'Rooms publish; nobody holds a socket.',
      { path: '^(server/modules|workers)/', pathNot: TEST },
      { path: 'node_modules/(socket\\.io|@socket\\.io)' },
    ),
    wall(
      'bull-stays-in-platform-jobs',
      'Jobs go through the outbox of the transaction that asks for them.',
      { path: '^(server|workers)/', pathNot: '^(server/platform/jobs/|workers/host\\.ts$)' },
      { path: 'node_modules/bull/' },
    ),
  ],
  options: {
    // TypeScript 7 has no compiler API: without swc nothing would be cruised and all walls would stand.
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    // Not '/dist/': that would hide half of node_modules.
    exclude: { path: '^(dist|[^/]+/dist)/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'import', 'require', 'types', 'default'],
      extensions: ['.ts', '.tsx', '.d.ts', '.js', '.cjs', '.mjs', '.json'],
    },
  },
};
