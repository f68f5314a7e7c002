import { writeFile } from 'node:fs/promises';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { schema } from '../examples/schema.ts';

// Sorted, so that moving a definition in the sources changes nothing here.
const sdl = printSchema(lexicographicSortSchema(schema));
await writeFile(new URL('../schema/schema.graphql', import.meta.url), `${sdl}\n`);
