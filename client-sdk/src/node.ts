export { fileFixes } from './modules/file-fixes';
export { fileStore } from './auth/file-store';
