import type { RequestListener } from 'node:http';
import { Registry } from 'prom-client';
import { collectMetrics } from 'statewire/metrics';

export const metricsPath = '/metrics';

/** What Prometheus scrapes. An application on the internet serves it on a port of its own. */
export function createMetrics(): { readonly answer: RequestListener; readonly stop: () => void } {
  const registry = new Registry();
  const stop = collectMetrics(registry);
  return {
    stop,
    answer: async (_request, response) => {
      response.setHeader('content-type', registry.contentType);
      response.end(await registry.metrics());
    },
  };
}
