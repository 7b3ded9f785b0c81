import { configDefaults, defineConfig } from 'vitest/config';

/** They take minutes: `npm run test:kafka` runs them too. */
const wholeKafka = process.env.KAFKA_TESTS === 'all' ? [] : ['test/kafka/whole/**', 'test/crash/group/whole/**'];

const every = 'test/**/*.test.ts';
/** They compile many kernels, start processes and servers, or fill disks: seconds to minutes each. */
const slow = [
  'test/{cli,crash,expression,formats,kafka,oracle,queries}/**',
  'test/compile/{aggregates,changing,changing-rows,early-results,hop-slices,instance,join*,operators-bench,over*,plan-trees,session,time-bucket,user-functions,windows}.test.ts',
  'test/connectors/{conformance,nexmark,file-against-duckdb,file-sink}.test.ts',
  'test/objects/s3-store.test.ts',
  'test/run/{after-the-end,arrival,changing-views,crash,exchange-rows,images,lanes*,reach,sinks-crash}.test.ts',
  'test/serve/console-*.test.ts',
  'test/store/{adhoc,changing-streams,crash,disk-full,formats,recovery,round-trip,streams}.test.ts',
];
const common = { testTimeout: 60_000, hookTimeout: 60_000, pool: 'forks' } as const;
const exclude = [...configDefaults.exclude, ...wholeKafka];

export default defineConfig({
  test: {
    projects: [
      { test: { ...common, name: 'fast', include: [every], exclude: [...exclude, ...slow] } },
      { test: { ...common, name: 'slow', include: slow.map((files) => files.replace(/\*\*$/, '**/*.test.ts')), exclude } },
    ],
  },
});
