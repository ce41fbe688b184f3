export { fileFixes } from './modules/file-fixes';
export { fileStorage } from './storage/files';
export { fileStore } from './auth/file-store';
