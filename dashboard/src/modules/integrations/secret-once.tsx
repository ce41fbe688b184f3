import { Dialog } from '../../ui/dialog';
import { toast } from '../../ui/toast';

/** A secret that nobody can read again. */
export function SecretOnce({ secret, onClose }: { secret: string; onClose: () => void }) {
  const copy = async () => {
    await navigator.clipboard.writeText(secret);
    toast({ title: 'Copied', tone: 'good' });
    onClose();
  };
  return (
    <Dialog
      title="The secret, once"
      submit="Copy it"
      onClose={onClose}
      onSubmit={(event) => {
        event.preventDefault();
        // Where the browser does not let a page copy, the secret is there to be marked.
        void copy().catch(() => undefined);
      }}
    >
      <p className="muted">It signs what is sent. Keep it now: it is not shown again.</p>
      <output className="mono secret">{secret}</output>
    </Dialog>
  );
}
