export { digest } from './digest';
export { AzureStore } from './azure-store';
export { FileMissing, type FileStore } from './file-store';
export { LocalStore } from './local-store';
export { probeStore } from './probe';
export { S3Store } from './s3-store';
