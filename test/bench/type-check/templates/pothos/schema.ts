import { builder } from './builder.ts';
import './resolvers/board.ts';

export const schema = builder.toSchema();
