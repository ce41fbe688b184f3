import type { Alert, AlertRule } from '@loro/contracts/activity-metrics';
import type { After, Hub } from '../../platform';
import { people } from '../people';
import type { AlertNotice } from './alert-life.policy';

const SAID: Readonly<Record<AlertNotice, string>> = {
  fired: 'fires',
  repeated: 'still fires',
  resolved: 'is well again',
};

/** Alerts by mail, to those whom their rules name. */
export class AlertMail {
  constructor(private readonly hub: Hub) {}

  /** In the caller's transaction. */
  async post(orgId: string, rule: AlertRule, alert: Alert, notice: AlertNotice, after: After): Promise<void> {
    for (const userId of rule.targets.userIds) {
      const { email, status, name } = await this.hub.use(people).byId(orgId, userId);
      if (status !== 'active' || email === null) continue;
      this.hub.mail.post(after, {
        to: email,
        subject: `${rule.name} ${SAID[notice]}`.slice(0, 200),
        text: textOf(name, rule, alert, notice),
      });
    }
  }
}

function textOf(name: string, rule: AlertRule, alert: Alert, notice: AlertNotice): string {
  const places = Object.entries(alert.dims).map(([dimension, value]) => `${dimension}: ${value}`);
  return [
    `Hello ${name},`,
    `“${rule.name}” (${rule.severity}) ${SAID[notice]}.`,
    `${rule.metric} is ${alert.value ?? 'not known: nothing was measured'}.`,
    ...places,
    ...(alert.firedAt === null ? [] : [`It fires since ${alert.firedAt}.`]),
    'Take care of it, or mute it, under Alerts.',
  ].join('\n\n');
}
