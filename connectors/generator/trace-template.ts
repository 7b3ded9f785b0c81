import type { Service } from './fleet.ts';

export const spansPerTraceMax = 12;

/** One kind of request: its spans in the order in which they begin (parents before children). */
export interface TraceTemplate {
  readonly weight: number;
  readonly spans: number;
  readonly service: Uint16Array;
  /** Index into `routesOf`. */
  readonly route: Uint16Array;
  /** Index of the calling span in the trace, -1 for the first. */
  readonly parent: Int8Array;
  /** 200, 201 or 202. */
  readonly success: Uint16Array;
  /** 1 for CONSUMER, 0 for SERVER. */
  readonly asynchronous: Uint8Array;
}

interface Draft {
  service: number[];
  route: number[];
  parent: number[];
  success: number[];
  asynchronous: number[];
}

/** Every operation of every service, in order: the dictionary of the `route` column. */
export function routesOf(services: readonly Service[]): readonly string[] {
  return services.flatMap((service) => service.operations);
}

/**
 * One template for each operation that the first service's callees offer; the first service passes requests on under their own
 * route. Reads weigh three times as much as writes.
 */
export function buildTemplates(services: readonly Service[]): readonly TraceTemplate[] {
  const firstRoute: number[] = [];
  let routes = 0;
  for (const service of services) {
    firstRoute.push(routes);
    routes += service.operations.length;
  }
  const visit = (draft: Draft, index: number, operation: number, parent: number): void => {
    if (draft.service.length >= spansPerTraceMax) return;
    const service = services[index] as Service;
    const chosen = operation % service.operations.length;
    const span = draft.service.push(index) - 1;
    draft.route.push((firstRoute[index] as number) + chosen);
    draft.parent.push(parent);
    draft.success.push(service.asynchronous ? 202 : (service.operations[chosen] as string).startsWith('POST') ? 201 : 200);
    draft.asynchronous.push(service.asynchronous ? 1 : 0);
    for (const callee of service.calls) if (!draft.service.includes(callee)) visit(draft, callee, operation, span);
  };
  const root = services[0] as Service;
  const templates: TraceTemplate[] = [];
  for (const entry of root.calls) {
    (services[entry] as Service).operations.forEach((operation, index) => {
      const draft: Draft = { service: [], route: [], parent: [], success: [], asynchronous: [] };
      draft.service.push(0);
      draft.route.push((firstRoute[entry] as number) + index);
      draft.parent.push(-1);
      draft.success.push(200);
      draft.asynchronous.push(0);
      visit(draft, entry, index, 0);
      templates.push(finish(draft, operation.startsWith('POST') ? 1 : 3));
    });
  }
  if (templates.length === 0) templates.push(finish({ service: [0], route: [0], parent: [-1], success: [200], asynchronous: [0] }, 1));
  return templates;
}

function finish(draft: Draft, weight: number): TraceTemplate {
  return {
    weight,
    spans: draft.service.length,
    service: Uint16Array.from(draft.service),
    route: Uint16Array.from(draft.route),
    parent: Int8Array.from(draft.parent),
    success: Uint16Array.from(draft.success),
    asynchronous: Uint8Array.from(draft.asynchronous),
  };
}
