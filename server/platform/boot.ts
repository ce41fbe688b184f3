/** What the front doors need beside the rooms' door: making a hub and starting its parts. */
export { about } from './about';
export { checkContracts } from './boot-checks';
export { exitCodeOf, readConfig } from './config';
export { migrate, revert, tendDayPartitions, tendMonthPartitions } from './db';
export { openGateway, type RunningGateway } from './gateway';
export { Hub } from './hub';
export { mail } from './mail';
export { presence } from './live/presence';
export { streams } from './http/streams';
export { tickets } from './http/tickets';
export { createLogger } from './observe/logger';
export { operator } from './observe/operator';
