/** Benchmarks by name: each prints a table and, with --json, writes its figures to a file. */
const benchmarks: Readonly<Record<string, () => Promise<(args: string[]) => Promise<void>>>> = {
  tumble: async () => (await import('./tumble.ts')).tumble,
  nexmark: async () => (await import('./nexmark.ts')).nexmark,
  kafka: async () => (await import('./kafka/kafka.ts')).kafka,
  'kafka-nexmark': async () => (await import('./kafka/nexmark.ts')).kafkaNexmark,
  'kafka-produce': async () => (await import('./kafka/produce.ts')).kafkaProduce,
  over: async () => (await import('./over.ts')).over,
  formats: async () => (await import('./formats.ts')).formats,
  detection: async () => (await import('./learning/detection.ts')).detection,
  forecast: async () => (await import('./learning/forecast.ts')).forecast,
  breach: async () => (await import('./learning/breach.ts')).breach,
  learning: async () => (await import('./learning/speed.ts')).learning,
  operators: async () => (await import('./operators.ts')).operators,
};

const [name, ...args] = process.argv.slice(2);
const benchmark = name === undefined ? undefined : benchmarks[name];
if (benchmark === undefined) {
  process.stderr.write(`usage: npm run bench -- NAME [options]\n  names: ${Object.keys(benchmarks).join(', ')}\n`);
  process.exit(2);
}
try {
  await (await benchmark())(args);
} catch (error) {
  if (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')) {
    process.stderr.write(`${error.message}\n`);
    process.exit(2);
  }
  throw error;
}
