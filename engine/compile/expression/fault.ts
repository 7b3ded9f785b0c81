/** What `fail(code)` of kernels/assembly/fault.ts means, for the message that ends a query. */
export const faultMessages: readonly string[] = [
  'unknown fault',
  'a number is out of the range of its type',
  'a value cannot be cast to the type asked for (TRY_CAST gives NULL instead)',
  'a mathematical function is not defined for its argument',
  'a bit shift is out of range',
  'the padding of lpad or rpad is empty',
  'a date or timestamp is out of range',
  'an argument of a function is out of range',
  'a text would be longer than 64 MiB',
  'a subquery that stands for a value has given more than one row',
];
