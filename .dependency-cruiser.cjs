/** What may import what. Each rule keeps one sentence of CONTRIBUTING.md true. */
module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'The way of an event runs in one direction, and so do its types.',
      from: {},
      to: { circular: true },
    },
    {
      name: 'graphql-only-at-the-edge',
      severity: 'error',
      comment: 'The engine knows no GraphQL.',
      from: { path: '^src/', pathNot: '^src/(server|testing|client)/' },
      to: { path: 'node_modules/(graphql|graphql-[^/]+|@graphql-[^/]+|@pothos)/' },
    },
    {
      name: 'engine-knows-no-schema',
      severity: 'error',
      comment: 'Resolvers call the engine, never the other way; the entry points join them.',
      from: { path: '^src/', pathNot: '^src/(index\\.ts$|server/)' },
      to: { path: '^(schema|resolvers)/' },
    },
    {
      name: 'resolvers-call-the-engine-only',
      severity: 'error',
      from: { path: '^resolvers/' },
      to: { path: '^(schema/|src/server/|src/index\\.ts)' },
    },
    {
      name: 'schema-knows-no-server',
      severity: 'error',
      from: { path: '^schema/' },
      to: { path: '^(src/server/|src/index\\.ts)' },
    },
    {
      name: 'values-know-nothing',
      severity: 'error',
      comment: 'Values, tokens, time and errors are below everything.',
      from: { path: '^src/(values|tokens|errors|time)/' },
      to: { path: '^src/(state|store|engine|stream|server|testing)/' },
    },
    {
      name: 'diagnostics-know-tokens-only',
      severity: 'error',
      comment: 'They say what happened to whoever listens, and can be told from anywhere.',
      from: { path: '^src/diagnostics/' },
      to: { path: '^(src|schema|resolvers)/', pathNot: '^src/(diagnostics|tokens)/' },
    },
    {
      name: 'states-know-no-engine',
      severity: 'error',
      from: { path: '^src/(state|store)/' },
      to: { path: '^src/(engine|stream|server)/' },
    },
    {
      name: 'engine-knows-no-server',
      severity: 'error',
      from: { path: '^src/(engine|stream)/' },
      to: { path: '^src/server/' },
    },
    {
      name: 'nothing-knows-its-tests',
      severity: 'error',
      comment: 'The testing entry point stands on top of the server, and nothing on it.',
      from: { path: '^(src|schema|resolvers)/', pathNot: '^src/testing/' },
      to: { path: '^src/testing/' },
    },
    {
      name: 'clients-know-no-server',
      severity: 'error',
      comment: 'It runs in browsers. What goes over the wire is all that both know.',
      from: { path: '^src/client/' },
      to: {
        pathNot:
          '^(src/(client|delta)/|node_modules/(graphql|graphql-ws|rxjs|@apollo/client|@urql/core)/)',
      },
    },
    {
      name: 'deltas-know-nothing',
      severity: 'error',
      from: { path: '^src/delta/' },
      to: { pathNot: '^src/delta/' },
    },
    {
      name: 'only-the-server-is-a-server',
      severity: 'error',
      from: { path: '^(src|schema|resolvers)/', pathNot: '^src/server/' },
      to: { path: 'node_modules/ws/' },
    },
    {
      name: 'redis-only-in-its-store',
      severity: 'error',
      from: { path: '^(src|schema|resolvers)/', pathNot: '^src/store/redis/' },
      to: { path: 'node_modules/ioredis/' },
    },
    {
      name: 'bullmq-only-in-its-binding',
      severity: 'error',
      from: { path: '^(src|schema|resolvers)/', pathNot: '^src/store/bullmq/' },
      to: { path: 'node_modules/bullmq/' },
    },
    {
      name: 'lmdb-only-in-its-store',
      severity: 'error',
      from: { path: '^(src|schema|resolvers)/', pathNot: '^src/store/lmdb/' },
      to: { path: 'node_modules/(lmdb|msgpackr)/' },
    },
    {
      name: 'prometheus-only-in-metrics',
      severity: 'error',
      from: { path: '^(src|schema|resolvers)/', pathNot: '^src/metrics/' },
      to: { path: 'node_modules/prom-client/' },
    },
    {
      name: 'opentelemetry-only-in-tracing',
      severity: 'error',
      from: { path: '^(src|schema|resolvers)/', pathNot: '^src/tracing/' },
      to: { path: 'node_modules/@opentelemetry/' },
    },
    {
      name: 'metrics-and-tracing-know-diagnostics-only',
      severity: 'error',
      comment: 'They are told on channels, as a user is, and hook in where a user does.',
      from: { path: '^src/(metrics|tracing)/' },
      to: {
        path: '^(src|schema|resolvers)/',
        pathNot: '^src/($1|diagnostics|tokens)/|^src/engine/middleware\\.ts$',
      },
    },
    {
      name: 'nothing-knows-metrics-or-tracing',
      severity: 'error',
      from: { path: '^(src|schema|resolvers)/', pathNot: '^src/(metrics|tracing)/' },
      to: { path: '^src/(metrics|tracing)/' },
    },
    {
      name: 'nobody-imports-examples-or-tests',
      severity: 'error',
      from: { path: '^(src|schema|resolvers)/' },
      to: { path: '^(examples|test)/' },
    },
    {
      name: 'nobody-imports-tests',
      severity: 'error',
      from: { path: '^(examples|scripts)/' },
      to: { path: '^test/' },
    },
    {
      name: 'examples-use-the-package-by-its-name',
      severity: 'error',
      comment: 'They show what a user writes: only the entry points, through their names.',
      from: { path: '^examples/' },
      to: {
        path: '^(src|schema|resolvers)/',
        pathNot:
          '^(schema/introspection\\.json$|src/(index|(client|client/apollo|client/urql|metrics|server|testing|tracing|store/(bullmq|lmdb|redis))/index)\\.ts$)',
      },
    },
    {
      name: 'examples-never-go-up-to-the-package',
      severity: 'error',
      comment: 'Not even to the entry points: a user has no ../src.',
      from: { path: '^examples/' },
      to: { path: '^src/', dependencyTypesNot: ['aliased'] },
    },
    {
      name: 'no-development-packages-in-the-package',
      severity: 'error',
      from: { path: '^(src|schema|resolvers)/' },
      to: {
        dependencyTypes: ['npm-dev'],
        pathNot:
          'node_modules/(graphql|@pothos/core|bullmq|ioredis|lmdb|msgpackr|rxjs|@apollo/client|@urql/core|prom-client|@opentelemetry/api|@types)/',
      },
    },
    {
      name: 'nothing-unresolved',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|examples/dist)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      mainFields: ['module', 'main', 'types', 'typings'],
    },
  },
};
