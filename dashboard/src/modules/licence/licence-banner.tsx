import { formatMoment } from '../../ui/format';
import { Icon } from '../../ui/icons';
import { featureTitle, type Current } from './words';

/** What an owner should know before anything else. */
export function LicenceBanner({ license }: { license: Current }) {
  const { banner } = license;
  if (banner === null) return null;
  const { title, detail } = textOf(license, banner);
  const isGrave = banner === 'expired' || banner === 'suspended' || banner === 'revoked';
  return (
    <div className={isGrave ? 'banner banner-bad' : 'banner'} role="alert">
      <Icon name="alert" />
      <div>
        <p className="banner-title">{title}</p>
        <p className="small">{detail}</p>
      </div>
    </div>
  );
}

function textOf(
  { until, expiresAt, suspendReason, overLimit }: Current,
  banner: NonNullable<Current['banner']>,
): { title: string; detail: string } {
  const end = until === null ? '' : formatMoment(until);
  switch (banner) {
    case 'expired':
      return {
        title: 'The licence ended',
        detail: 'What is there can be read and exported. Renew it to go on working.',
      };
    case 'suspended':
      return { title: 'The licence is suspended', detail: suspendReason ?? 'Ask whoever runs the hub why.' };
    case 'revoked':
      return {
        title: 'The licence is revoked',
        detail: 'Only billing is open. Ask whoever runs the hub for another one.',
      };
    case 'grace':
      return {
        title: 'The licence ran out, and works on for a while',
        detail: `Everything stays open until ${end}. Renew it before then.`,
      };
    case 'over_limit':
      return {
        title: 'There is more than the plan allows',
        detail: `Nothing is deleted, and nothing can be added to: ${overLimit.map(({ limit }) => featureTitle(limit)).join(', ')}.`,
      };
    case 'expiring':
      return {
        title: 'The licence ends soon',
        detail: `It ends on ${expiresAt === null ? end : formatMoment(expiresAt)}.`,
      };
  }
}
