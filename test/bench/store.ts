// What a commit costs on each store, and how little that has to do with the size of the state.
import { compareRedis } from './redis/compare.ts';
import { compareRedisSizes, compareSizes, compareStores } from './store/compare.ts';
import { printFigures } from './table.ts';

printFigures([...compareStores(), ...compareSizes(), ...compareRedis(), ...compareRedisSizes()]);
