import { builder } from './builder.ts';
import './account/resolvers/account.ts';
import './background-task/resolvers/my-limited-task.ts';
import './background-task/resolvers/my-task.ts';
import './long-task/resolvers/csv-import.ts';
import './low-level-api/resolvers/fetch-data.ts';
import './todos/resolvers/todos.ts';

export const schema = builder.toSchema();
