import type { Factor, FactorSetUp, Factors } from '@loro/contracts/auth-factors';
import { useState } from 'react';
import { hub } from '../../app/hub';
import { describeProblem, toastProblem } from '../../app/problem';
import { useProof } from '../../app/proof';
import { useRequest } from '../../app/use-request';
import { Badge } from '../../ui/badge';
import { Button } from '../../ui/button';
import { TextField } from '../../ui/field';
import { formatMoment } from '../../ui/format';
import { Failed, Panel, Skeleton } from '../../ui/panel';
import { useForm } from '../auth/use-form';
import { QrCode } from './qr-code';

/** The second step of signing in: set up, shown, taken away. */
export function FactorPanel() {
  const request = useRequest('factors', () => hub.account.factors());
  if (request.state === 'loading')
    return (
      <Panel title="Second step">
        <Skeleton lines={2} />
      </Panel>
    );
  if (request.state === 'failed')
    return (
      <Panel title="Second step">
        <Failed {...describeProblem(request.error)} onRetry={request.retry} />
      </Panel>
    );
  return <Known {...request.data} onChange={request.reload} />;
}

function Known({ factors, recoveryCodesLeft, onChange }: Factors & { onChange: () => void }) {
  const prove = useProof();
  const [setUp, setSetUp] = useState<FactorSetUp | null>(null);
  const [codes, setCodes] = useState<readonly string[]>([]);
  const isOn = factors.length > 0;

  const begin = () => prove(() => hub.account.setUpTotp({})).then(setSetUp, toastProblem);
  const renew = () =>
    prove(() => hub.account.makeRecoveryCodes()).then((made) => {
      setCodes(made.codes);
      onChange();
    }, toastProblem);

  return (
    <Panel title="Second step" aside={isOn ? <Badge tone="good">On</Badge> : <Badge tone="warn">Off</Badge>}>
      <div className="account-stack">
        {!isOn && !setUp && (
          <>
            <p>With it, a password alone opens nothing: a code from your phone is asked for too.</p>
            <Button kind="primary" onClick={() => void begin()}>
              Set up an authenticator app
            </Button>
          </>
        )}
        {setUp && (
          <Confirm
            setUp={setUp}
            onCancel={() => setSetUp(null)}
            onConfirmed={() => {
              setSetUp(null);
              onChange();
              void renew();
            }}
          />
        )}
        {factors.map((factor) => (
          <FactorRow key={factor.id} factor={factor} onChange={onChange} />
        ))}
        {isOn && (
          <div className="account-row">
            <span>
              {recoveryCodesLeft} recovery codes left
              <span className="muted small block">For the day when the phone is not at hand.</span>
            </span>
            <Button onClick={() => void renew()}>Make new ones</Button>
          </div>
        )}
        {codes.length > 0 && <RecoveryCodes codes={codes} />}
      </div>
    </Panel>
  );
}

interface ConfirmProps {
  setUp: FactorSetUp;
  onConfirmed: () => void;
  onCancel: () => void;
}

function Confirm({ setUp, onConfirmed, onCancel }: ConfirmProps) {
  const prove = useProof();
  const [first, setFirst] = useState('');
  const [second, setSecond] = useState('');
  const { errors, isBusy, submit } = useForm(
    async () => {
      await prove(() => hub.account.confirmTotp({ factorId: setUp.id, codes: [first, second] }));
      onConfirmed();
    },
    { MFA_INVALID: 'second' },
  );
  return (
    <form className="account-stack" onSubmit={submit} noValidate>
      <p>Scan this with the authenticator app, or type the letters below it.</p>
      <div className="account-qr">
        <QrCode text={setUp.uri} label="Code for the authenticator app" />
        <code>{setUp.secret.match(/.{1,4}/g)?.join(' ')}</code>
      </div>
      <div className="account-pair">
        <TextField
          label="Code that it shows now"
          inputMode="numeric"
          autoComplete="one-time-code"
          value={first}
          error={errors['first']}
          onChange={(event) => setFirst(event.target.value)}
        />
        <TextField
          label="The next one"
          inputMode="numeric"
          autoComplete="off"
          value={second}
          error={errors['second']}
          onChange={(event) => setSecond(event.target.value)}
        />
      </div>
      <div className="account-row">
        <Button kind="quiet" onClick={onCancel}>
          Cancel
        </Button>
        <Button type="submit" kind="primary" busy={isBusy}>
          Turn it on
        </Button>
      </div>
    </form>
  );
}

function FactorRow({ factor, onChange }: { factor: Factor; onChange: () => void }) {
  const prove = useProof();
  const [isLeaving, setLeaving] = useState(false);
  const [code, setCode] = useState('');
  const { errors, isBusy, submit } = useForm(
    async () => {
      await prove(() => hub.account.removeFactor({ factorId: factor.id, code }));
      onChange();
    },
    { MFA_INVALID: 'code' },
  );
  return (
    <div className="account-stack">
      <div className="account-row">
        <span>
          {factor.name}
          <span className="muted small block">Since {formatMoment(factor.confirmedAt)}</span>
        </span>
        <Button kind="quiet" onClick={() => setLeaving(!isLeaving)}>
          Remove
        </Button>
      </div>
      {isLeaving && (
        <form className="account-inline" onSubmit={submit} noValidate>
          <TextField
            label="A code of it, once more"
            inputMode="numeric"
            autoComplete="one-time-code"
            value={code}
            error={errors['code']}
            onChange={(event) => setCode(event.target.value)}
          />
          <Button type="submit" busy={isBusy}>
            Do without
          </Button>
        </form>
      )}
    </div>
  );
}

function RecoveryCodes({ codes }: { codes: readonly string[] }) {
  return (
    <div className="account-codes" role="status">
      <p>Keep these where you keep important papers. Each works once, and they are not shown again.</p>
      <ul>
        {codes.map((code) => (
          <li key={code}>
            <code>{code.match(/.{1,6}/g)?.join('-')}</code>
          </li>
        ))}
      </ul>
    </div>
  );
}
