/** What the front doors need beside the rooms' door: making a hub and starting its parts. */
export { about } from './about';
export { checkContracts } from './boot-checks';
export { type Config, envExample, readConfig } from './config';
export { migrate, migrator, tendDayPartitions, tendMonthPartitions } from './db';
export { connectSequelize } from './db/connect';
export { openGateway, type RunningGateway } from './gateway';
export { Hub, type HubModule } from './hub';
export { createLogger } from './observe/logger';
