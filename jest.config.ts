/** @jest-config-loader esbuild-register */
import type { Config } from 'jest';

const config: Config = {
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['source', 'node', 'require', 'default'] },
  roots: [
    '<rootDir>/contracts/src',
    '<rootDir>/client-sdk/src',
    '<rootDir>/client-sdk/tests',
    '<rootDir>/server',
    '<rootDir>/workers',
    '<rootDir>/e2e',
    '<rootDir>/scripts',
  ],
  testMatch: ['**/*.test.ts'],
  transform: { '^.+\\.[jt]sx?$': '@swc/jest' },
  // ESM-only packages, which Jest on Node 20 cannot require.
  transformIgnorePatterns: ['/node_modules/(?!temporal-|jose/|flatbush/|flatqueue/)'],
  globalSetup: '<rootDir>/server/testing/global-setup.ts',
  globalTeardown: '<rootDir>/server/testing/global-teardown.ts',
  testTimeout: 30_000,
  // Sockets, engines and children are real; two workers keep a two-core machine busy and no more.
  maxWorkers: 2,
  // Each file loads the whole house anew, and Jest lets go of little of it: a worker that has grown is replaced.
  workerIdleMemoryLimit: '1200MB',
};
export default config;
