import { configDefaults, defineConfig } from 'vitest/config';

/** They take minutes: `npm run test:kafka` runs them too. */
const wholeKafka = process.env.KAFKA_TESTS === 'all' ? [] : ['test/kafka/whole/**'];

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...wholeKafka],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
  },
});
