export { connectPool, connectSequelize, databaseAddress, outsideTransaction } from './connect';
export { Cursors, type Page, pageOf } from './pages';
export { migrate, revert } from './migrate';
export { onDuplicate } from './on-duplicate';
export { Reads } from './reads';
export { tendDayPartitions, tendMonthPartitions } from './partitions';
export { Transactions } from './transactions';
