/** What a schema cannot say of its row. */
export const ALSO: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'GET /access/explain': { method: 'GET', path: '/me' },
  'POST /branches/:branchId/status': { status: 'closed' },
  'PUT /branches/:branchId/hours/exceptions/:date': { isClosed: true },
  'POST /holiday-calendars/:calendarId/import-ics': {
    ics: [
      'BEGIN:VCALENDAR',
      'VERSION:2.0',
      'PRODID:-//Loro//EN',
      'BEGIN:VEVENT',
      'UID:1',
      'DTSTAMP:20270101T000000Z',
      'DTSTART;VALUE=DATE:20270301',
      'SUMMARY:A day off',
      'END:VEVENT',
      'END:VCALENDAR',
      '',
    ].join('\r\n'),
  },
  'POST /resources/:resourceId/allocate': { holderType: 'other', holderId: 'A-1' },
};

/** Places where the id is the caller's own to make: nothing is looked up by it. */
export const MADE_BY_CALLERS = new Set([
  'POST /tracking/fixes body device',
  'POST /tracking/fixes body boot',
  'fix:report device',
  'fix:report boot',
  'POST /check-ins/records body clientId',
  'check-in:record clientId',
  // Until a room keeps what is visited, the call itself says what and where it is.
  'POST /check-ins/records body target.id',
  'check-in:record target.id',
  'GET /meetings/:meetingId/check-in-code path meetingId',
  'PUT /tracking/trackables/:trackableId/devices/:deviceId path deviceId',
  // Of rooms that keep vehicles, tasks and clients, once they stand.
  'POST /tracking/trackables body refId',
  'timer:start taskId',
  'timer:start clientId',
]);

/**
 * Places whose room takes an id without asking whose it is. It keeps it, or finds nothing by it: nothing of the other
 * organisation is shown or changed. A room that asks comes off this list.
 */
export const UNASKED = new Set([
  'GET /config/effective query userId',
  'GET /flags/:key/explain query userId',
  'POST /journal/notes body documents.0',
  'PATCH /users/:userId body avatarDocumentId',
  'PATCH /me body avatarDocumentId',
  'POST /documents body ownerId',
  'POST /documents/:documentId/links body ownerId',
  'DELETE /documents/:documentId/links/:ownerType/:ownerId/:role path ownerId',
  'POST /branches/:branchId/capacity/simulate body leavers.0.userId',
  'POST /geofences body clientId',
  'PATCH /geofences/:geofenceId body clientId',
  'POST /tracking/timers/start body taskId',
  'POST /tracking/timers/start body clientId',
  'POST /tracking/time-entries body taskId',
  'POST /tracking/time-entries body clientId',
  'stream settings',
]);
