import SchemaBuilder from '@pothos/core';
import { statewire } from 'statewire';

export const builder = new SchemaBuilder<{
  Context: { readonly userId: string };
  Scalars: { ID: { Input: string; Output: string } };
}>({ plugins: [statewire()] });
