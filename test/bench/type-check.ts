// How long tsc checks 150 states, beside the same schema in Pothos alone.
import { printFigures } from './table.ts';
import { compareTypeChecks } from './type-check/compare.ts';

printFigures([compareTypeChecks()]);
