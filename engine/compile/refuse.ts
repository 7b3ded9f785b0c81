import { QueryError, type Span } from '../diagnostic.ts';

/** What binds but cannot run yet: an error, never a wrong answer. */
export function notSupported(construct: string, span: Span | undefined, hint?: string): QueryError {
  return new QueryError('E0401', `${construct} is not supported yet`, hint === undefined ? { span } : { span, hint });
}
