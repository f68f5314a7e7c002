export type { ClosingOptions } from './closing-times.ts';
export { createHandler, type Handler } from './create-handler.ts';
export { createServer, type Server, type ServerOptions } from './create-server.ts';
export { createWorker, type Worker } from './create-worker.ts';
export type { HandlerOptions, RenderGraphiQL, RequestInfo } from './graphql-pipeline.ts';
