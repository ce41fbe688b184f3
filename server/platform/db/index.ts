export { connectPool, connectSequelize, databaseAddress, outsideTransaction } from './connect';
export { Cursors, type Page, pageOf } from './pages';
export { migrate, migrator } from './migrate';
export { onDuplicate } from './on-duplicate';
export { tendDayPartitions, tendMonthPartitions } from './partitions';
export { Transactions } from './transactions';
