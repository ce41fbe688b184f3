import { useState } from 'react';
import { hub } from '../../app/hub';
import { useSession } from '../../app/session';
import { useRequest } from '../../app/use-request';
import { Button } from '../../ui/button';
import { ProfileDialog } from '../people/profile-dialog';

/** The way to change what is known of oneself, as far as one may. */
export function OwnProfile() {
  const { enter } = useSession();
  const request = useRequest('own profile', () => hub.people.me());
  const [isEditing, setEditing] = useState(false);
  if (request.state !== 'ready') return null;
  const saved = () => {
    request.reload();
    // The name stands in the head of the page too.
    void enter();
  };
  return (
    <>
      <Button onClick={() => setEditing(true)}>Change</Button>
      {isEditing && (
        <ProfileDialog
          person={request.data}
          branches={[]}
          isWriter={false}
          isSelf
          onClose={() => setEditing(false)}
          onSaved={saved}
        />
      )}
    </>
  );
}
