export { createHandler, type Handler } from './create-handler.ts';
export { createServer, type Server, type ServerOptions } from './create-server.ts';
export type { HandlerOptions, RenderGraphiQL, RequestInfo } from './graphql-pipeline.ts';
