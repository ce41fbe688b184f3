import type { Migration } from '../platform/db/migrate';

const ID = 'CHAR(26) CHARACTER SET ascii COLLATE ascii_bin';
const CODE = 'VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin';

const GIB = 1_073_741_824;
const held = [
  ['people', 'branches', 'check-ins', 'attendance.basic', 'tasks', 'notifications', 'news', 'clients', 'journal.read'],
  [
    'tracking',
    'fences',
    'leads',
    'communication.email',
    'products',
    'shop',
    'reports',
    'documents',
    'rewards',
    'api-keys',
  ],
  [
    'attendance.overtime',
    'leave',
    'claims',
    'campaigns',
    'sms',
    'push',
    'automation',
    'assets',
    'resellers',
    'dashboards',
    'webhooks',
    'custom-roles',
    'sso',
  ],
  [
    'journal.export',
    'journal.checkpoints',
    'encryption.own-keys',
    'offline-license',
    'audit-reports',
    'unlimited-limits',
  ],
];
// Users, branches, bytes, calls a month, integrations, machines; null is any number.
const shipped = [
  ['starter', 'Starter', 4_900, [5, 1, 5 * GIB, 10_000, 2, 1]],
  ['professional', 'Professional', 9_900, [20, 3, 20 * GIB, 50_000, 5, 1]],
  ['business', 'Business', 49_900, [50, 10, 100 * GIB, 200_000, 15, 2]],
  ['enterprise', 'Enterprise', 99_900, [null, null, 1_024 * GIB, 1_000_000, null, 5]],
] as const;
const LIMITS = ['users', 'branches', 'storage-bytes', 'api-calls', 'integrations', 'activations'];
const idOf = (rank: number): string => `01KAQ${String(rank).padStart(21, '0')}`;

const stays = (when: string, name: string, condition: string): string =>
  `CREATE TRIGGER ${name} BEFORE ${when} FOR EACH ROW
    BEGIN
      IF ${condition} THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a published version of a plan does not change'; END IF;
    END`;
const isPublished = (id: string): string =>
  `EXISTS (SELECT 1 FROM plan_versions v WHERE v.id = ${id} AND v.published_at IS NOT NULL)`;

export const up: Migration['up'] = async ({ sql }) => {
  await sql(`CREATE TABLE plan_versions (
    id ${ID} NOT NULL, code ${CODE} NOT NULL, plan_version INT UNSIGNED NOT NULL, name VARCHAR(120) NOT NULL,
    currency CHAR(3) CHARACTER SET ascii NOT NULL, price_minor BIGINT NOT NULL,
    term ENUM('month', 'year', 'custom') NOT NULL, term_days INT UNSIGNED NULL,
    grace_days INT UNSIGNED NOT NULL, trial_days INT UNSIGNED NOT NULL, is_public TINYINT(1) NOT NULL, plan_rank INT UNSIGNED NOT NULL,
    published_at DATETIME(3) NULL, created_at DATETIME(3) NOT NULL, version INT NOT NULL DEFAULT 1,
    draft_of ${CODE} NULL,
    PRIMARY KEY (id), UNIQUE KEY one_version (code, plan_version), UNIQUE KEY one_draft (draft_of),
    CONSTRAINT plan_draft CHECK ((published_at IS NULL) = (draft_of IS NOT NULL)),
    CONSTRAINT plan_price CHECK (price_minor >= 0),
    CONSTRAINT plan_term CHECK ((term = 'custom') = (term_days IS NOT NULL))
  )`);
  await sql(`CREATE TABLE plan_features (
    plan_version_id ${ID} NOT NULL, feature ${CODE} NOT NULL, kind ENUM('boolean', 'limit', 'quota') NOT NULL,
    value BIGINT NULL,
    PRIMARY KEY (plan_version_id, kind, feature),
    CONSTRAINT feature_of_plan FOREIGN KEY (plan_version_id) REFERENCES plan_versions (id),
    CONSTRAINT feature_value CHECK (value IS NULL OR value >= 0)
  )`);
  for (const [rank, [code, name, price, limits]] of shipped.entries()) {
    const id = idOf(rank + 1);
    await sql(`INSERT INTO plan_versions (id, code, plan_version, name, currency, price_minor, term, grace_days, trial_days,
        is_public, plan_rank, published_at, created_at)
      VALUES ('${id}', '${code}', 1, '${name}', 'USD', ${price}, 'month', 15, ${code === 'business' ? 14 : 0}, 1, ${(rank + 1) * 10},
        '2026-11-25 00:00:00', '2026-11-25 00:00:00')`);
    const features = held.slice(0, rank + 1).flat();
    const rows = [
      ...features.map((feature) => `('${id}', '${feature}', 'boolean', NULL)`),
      ...LIMITS.map(
        (limit, at) => `('${id}', '${limit}', '${limit === 'api-calls' ? 'quota' : 'limit'}', ${limits[at] ?? 'NULL'})`,
      ),
    ];
    await sql(`INSERT INTO plan_features (plan_version_id, feature, kind, value) VALUES ${rows.join(', ')}`);
  }
  await sql(stays('UPDATE ON plan_versions', 'plan_versions_stay', 'OLD.published_at IS NOT NULL'));
  await sql(stays('DELETE ON plan_versions', 'plan_versions_are_kept', 'OLD.published_at IS NOT NULL'));
  await sql(stays('INSERT ON plan_features', 'plan_features_are_whole', isPublished('NEW.plan_version_id')));
  await sql(stays('UPDATE ON plan_features', 'plan_features_stay', isPublished('OLD.plan_version_id')));
  await sql(stays('DELETE ON plan_features', 'plan_features_are_kept', isPublished('OLD.plan_version_id')));
};

export const down: Migration['down'] = async ({ sql }) => {
  for (const table of ['plan_features', 'plan_versions']) await sql(`DROP TABLE ${table}`);
};
