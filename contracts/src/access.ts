import { contract } from './kit/contract';

export const accessContract = contract({ name: 'access' });
