export type { EngineCrash } from './keeper';
export { attachEngines } from './record';
export { startEngines, type Engines, type EnginesOptions } from './start';
