import { errors } from './kit/problem';

export const documentErrors = errors({
  FILE_TOO_LARGE: { status: 413, title: 'File too large', help: 'The most that this purpose takes is in `detail`.' },
  TYPE_NOT_ALLOWED: {
    status: 415,
    title: 'Type not allowed',
    help: '`detail` says what the bytes are, and what is taken.',
  },
  EMPTY_FILE: { status: 422, title: 'Empty file', help: 'Send a file with something in it.' },
  ZIP_BOMB: { status: 422, title: 'Archive unpacks to too much', help: 'Send its files one by one.' },
  IMAGE_TOO_LARGE: {
    status: 422,
    title: 'Image has too many pixels',
    help: 'Send it smaller; fifty megapixels are the most.',
  },
  MACRO_NOT_ALLOWED: { status: 422, title: 'File holds macros', help: 'Save it without macros.' },
  CHECKSUM_MISMATCH: {
    status: 422,
    title: 'Not the file that was meant',
    help: 'The bytes changed on the way; send it again.',
  },
  STORAGE_QUOTA: { status: 402, title: 'Storage is full', help: 'Remove what is not needed, or enlarge the plan.' },
  URL_EXPIRED: { status: 403, title: 'Address ran out', help: 'Ask for a new one.' },
  URL_SIGNATURE: { status: 403, title: 'Address was changed', help: 'Ask for a new one.' },
  SELF_VERIFICATION: { status: 403, title: 'One’s own document', help: 'Somebody else has to verify it.' },
  DOCUMENT_NOT_READY: {
    status: 409,
    title: 'Not ready',
    help: 'It is looked at, or in the trash; `detail` says which.',
  },
  LEGAL_HOLD: {
    status: 409,
    title: 'Held',
    help: 'It is kept for a case; somebody with `documents.hold` can end that.',
  },
  RETENTION_ACTIVE: { status: 409, title: 'Must be kept', help: '`detail` says until when.' },
  RANGE_NOT_SATISFIABLE: { status: 416, title: 'No such part', help: 'The file is shorter than the range begins.' },
  NO_PREVIEW: { status: 415, title: 'No picture of it', help: 'Only images have one; open the file itself.' },
  TUS_VERSION: { status: 412, title: 'Another version of tus', help: 'Send `Tus-Resumable: 1.0.0`.' },
  UPLOAD_OFFSET: {
    status: 409,
    title: 'Not where it stands',
    help: 'Ask with `HEAD` how far the upload has come, and go on there.',
  },
  UPLOAD_BUSY: { status: 409, title: 'Being finished', help: 'Another call finishes it now; ask with `HEAD`.' },
  UPLOAD_TOO_LONG: { status: 413, title: 'More than announced', help: 'Send as many bytes as `Upload-Length` said.' },
  UPLOAD_EXPIRED: { status: 410, title: 'Upload ended', help: 'It waited too long, or was given up. Begin anew.' },
  UPLOAD_CHECKSUM: {
    status: 460,
    title: 'Not the file that was meant',
    help: 'What arrived has another SHA-256 than the metadata said. Begin anew.',
  },
  SHARE_EXPIRED: { status: 410, title: 'Share ended', help: 'Ask whoever gave you the address for a new one.' },
  SHARE_PASSWORD: {
    status: 401,
    title: 'Password needed',
    help: 'Send it to `POST /public/documents/:token`; ask whoever gave you the address for it.',
  },
  SHARE_LOCKED: { status: 429, title: 'Too many wrong passwords', help: 'Wait as long as `Retry-After` says.' },
  QUARANTINED: { status: 423, title: 'Locked away', help: 'The scanner found something in it.' },
});
