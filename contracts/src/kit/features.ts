/** What a plan may hold; each plan holds the lower one's. */
export const featuresByPlan = {
  starter: [
    'people',
    'branches',
    'check-ins',
    'attendance.basic',
    'tasks',
    'notifications',
    'news',
    'clients',
    'journal.read',
  ],
  professional: [
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
  business: [
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
  enterprise: [
    'journal.export',
    'journal.checkpoints',
    'encryption.own-keys',
    'offline-license',
    'audit-reports',
    'unlimited-limits',
  ],
} as const;

export type PlanCode = keyof typeof featuresByPlan;
export type Feature = (typeof featuresByPlan)[PlanCode][number];

export const planCodes = ['starter', 'professional', 'business', 'enterprise'] as const satisfies readonly PlanCode[];

/** Every feature, lowest plan first. */
export const features: readonly Feature[] = planCodes.flatMap((plan): readonly Feature[] => featuresByPlan[plan]);

/** What a plan limits by number; `users` and `branches` count rows, the others count per month or stand as bytes. */
export const limits = ['users', 'branches', 'storage-bytes', 'api-calls', 'integrations'] as const;
export type Limit = (typeof limits)[number];
