import { dirname, resolve } from 'node:path';
import { componentType, functionTypes } from '../compile/user-functions/function-type.ts';
import { QueryError } from '../diagnostic.ts';
import { learningFunctions } from '../plan/learning/learning-functions.ts';
import type { UserFunction } from '../plan/catalog.ts';
import type { Binder } from './binder.ts';
import type { Shell } from './read-shell.ts';

type FunctionShell = Extract<Shell, { kind: 'function' }>;

/** CREATE FUNCTION: declares the function to the binder. The component itself is read when a query that calls it is compiled. Throws QueryError. */
export async function defineFunction(shell: FunctionShell, binder: Binder): Promise<UserFunction> {
  const { name, nameSpan: span, declaration, statement } = shell;
  const { strict, immutable, component } = declaration;
  const types = await declared(shell, binder);
  if (!strict || !immutable) {
    throw new QueryError('E0216', `function "${name}" must be declared IMMUTABLE STRICT`, {
      span,
      hint: 'the same arguments give the same result, and NULL gives NULL: LANGUAGE wasm IMMUTABLE STRICT AS ...',
    });
  }
  if (component === '') {
    throw new QueryError('E0216', `function "${name}" does not say where its component is`, {
      span,
      hint: "end with AS 'file.wasm', 'export'",
    });
  }
  const refused = [...types.parameters, types.returns].find((type) => componentType(type) === null);
  if (refused !== undefined) {
    throw new QueryError('E0216', `function "${name}" cannot take or give ${refused.kind.toUpperCase()}`, {
      span,
      hint: `it may be ${functionTypes}`,
    });
  }
  const path = resolve(dirname(resolve(statement.source.path)), component);
  return { name, ...types, path, export: declaration.export, span };
}

async function declared({ name, nameSpan: span, declaration }: FunctionShell, binder: Binder) {
  if (learningFunctions.some((learns) => learns.name === name.toLowerCase())) {
    throw new QueryError('E0212', `function "${name}" cannot be declared: it is built in`, { span, hint: 'give yours another name' });
  }
  try {
    return await binder.declareFunction(name, declaration.parameters, declaration.returns);
  } catch (error) {
    const message = String(error instanceof Error ? error.message : error).split('\n')[0] ?? '';
    throw new QueryError('E0212', `function "${name}" cannot be declared: ${message}`, { span });
  }
}
