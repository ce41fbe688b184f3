import { dispositionOf, isSignedBy, rangeOf, safeName, signatureOf } from './documents.policy';
import { claimedType, detectedMime, disagreement } from './file-types.policy';

describe('signing an address', () => {
  const address = {
    orgId: 'org1',
    documentId: '01JDOC',
    no: 1,
    exp: 1_767_226_500,
    disposition: 'attachment',
    epoch: 0,
  } as const;

  it('acceptance: gives what the specification says', () => {
    expect(signatureOf('doc-secret', address)).toBe('r5pRrrADSRMflSc6-1MFdXQjF1CYw0z0Jol59XKlt_A');
  });

  it.each([
    ['another file', { documentId: '01JDOD' }],
    ['another version', { no: 2 }],
    ['a longer life', { exp: 1_767_226_501 }],
    ['another organisation', { orgId: 'org2' }],
    ['a life after it was ended', { epoch: 1 }],
  ])('does not hold for %s', (_, change) => {
    const signature = signatureOf('doc-secret', address);

    expect(isSignedBy('doc-secret', address, signature)).toBe(true);
    expect(isSignedBy('doc-secret', { ...address, ...change }, signature)).toBe(false);
    expect(isSignedBy('doc-secret', address, signature.replace(/^./, 's'))).toBe(false);
  });
});

describe('a part of a file', () => {
  it.each([
    ['bytes=0-4', 11, { start: 0, end: 4 }],
    ['bytes=6-', 11, { start: 6, end: 10 }],
    ['bytes=-5', 11, { start: 6, end: 10 }],
    ['bytes=-50', 11, { start: 0, end: 10 }],
    ['bytes=0-999', 11, { start: 0, end: 10 }],
    ['bytes=20-', 11, 'unsatisfiable'],
    ['bytes=11-11', 11, 'unsatisfiable'],
    ['bytes=-0', 11, 'unsatisfiable'],
    ['bytes=5-2', 11, null],
    ['bytes=0-1,3-4', 11, null],
    ['items=0-4', 11, null],
    ['bytes=-', 11, null],
    [undefined, 11, null],
  ])('%s of %i bytes is %j', (header, size, expected) => {
    expect(rangeOf(header, size)).toEqual(expected);
  });
});

describe('acceptance: naming a file', () => {
  it.each([
    ['../../etc/passwd', 'passwd'],
    ['C:\\Users\\x\\report.pdf', 'report.pdf'],
    ['...', 'file'],
    ['', 'file'],
    ['a\u0000b\u202Efdp.exe', 'abfdp.exe'],
    ['résumé.pdf', 'résumé.pdf'],
    [`${'x'.repeat(300)}.pdf`, `${'x'.repeat(251)}.pdf`],
  ])('%j is kept as %j', (given, kept) => {
    expect(safeName(given)).toBe(kept);
  });

  it('is told to old readers in ASCII and to others in full', () => {
    expect(dispositionOf('attachment', 'résumé "a".pdf')).toBe(
      `attachment; filename="r_sum_ _a_.pdf"; filename*=UTF-8''r%C3%A9sum%C3%A9%20%22a%22.pdf`,
    );
  });
});

describe('telling what a file is', () => {
  const bytes = (text: string) => Buffer.from(text, 'latin1');

  it.each([
    ['a program', 'MZ\u0090\u0000\u0003', 'application/x-msdownload'],
    ['a page', '  <!DOCTYPE html><html>', 'text/html'],
    ['a page without a head', '<script>alert(1)</script>', 'text/html'],
    ['a drawing', '<svg xmlns="x">', 'image/svg+xml'],
    ['a drawing with a prolog', '<?xml version="1.0"?><svg>', 'image/svg+xml'],
    ['a script', '#!/bin/sh\n', 'text/x-shellscript'],
    ['a PDF', '%PDF-1.7\n', 'application/pdf'],
  ])('%s is seen by its bytes', (_, text, mime) => {
    expect(detectedMime(bytes(text))).toBe(mime);
  });

  it.each([
    ['report.pdf', 'MZ\u0090\u0000', 'application/x-msdownload'],
    ['notes.txt', '<html>', 'text/html'],
    ['notes.txt', 'a\u0000b', 'application/octet-stream'],
    ['notes.txt', '\u00e9\u00e8 broken', 'application/octet-stream'],
    ['picture.png', '\u00ff\u00d8\u00ff\u00e0\u0000\u0010JFIF\u0000', 'image/jpeg'],
    ['notes.txt', 'Zo\u00c3\u00ab', null],
    ['list.csv', 'a,b\n1,2\n', null],
    ['paper.pdf', '%PDF-1.7\n', null],
  ])('%s with the bytes %j is really %j', (name, text, expected) => {
    const type = claimedType(name);

    expect(type && disagreement(type, bytes(text), true)).toBe(expected);
  });

  it('takes no name that it does not know', () => {
    expect(['photo.svg', 'tool.exe', 'page.html', 'none', 'constructor', 'x.__proto__'].map(claimedType)).toEqual(
      Array(6).fill(null),
    );
    expect(claimedType('Photo.JPEG')).toBe('jpg');
  });
});
