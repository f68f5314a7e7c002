import SchemaBuilder from '@pothos/core';

export const builder = new SchemaBuilder<{
  Context: { readonly userId: string };
  Scalars: { ID: { Input: string; Output: string } };
}>({});

builder.queryType();
builder.mutationType();
builder.subscriptionType();
