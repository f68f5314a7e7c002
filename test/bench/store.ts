// What a commit costs on each store, and how little that has to do with the size of the state.
import { compareSizes, compareStores } from './store/compare.ts';
import { printFigures } from './table.ts';

printFigures([...compareStores(), ...compareSizes()]);
