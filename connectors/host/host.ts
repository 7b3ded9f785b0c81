import type { Connector, OpenContext, SourceReader } from '../connector.ts';
import { checkDeclaredColumns } from '../declared-columns.ts';
import { allProbes, metricsGatherer } from './gather-metrics.ts';
import { processesGatherer, processList } from './gather-processes.ts';
import { hostColumns, type HostStream } from './host-columns.ts';
import { HostReader } from './host-reader.ts';

const metricsIntervalMs = 1000;
const processesIntervalMs = 5000;
const topDefault = 20;

export const host: Connector = {
  name: 'host',
  summary: "This machine's CPU, memory, disks, filesystems, network and busiest processes, by OpenTelemetry's names.",
  options: {
    stream: {
      type: 'choice',
      description: 'What to sample: its columns follow from it.',
      default: 'metrics',
      choices: ['metrics', 'processes'],
    },
    interval: {
      type: 'duration',
      description: 'Time from one sample to the next; 1 s for metrics and 5 s for processes when not given.',
      minimum: 100,
      example: '1 s',
    },
    top: {
      type: 'integer',
      description: 'For processes: how many, those that use most CPU first.',
      default: String(topDefault),
      minimum: 1,
      maximum: 1000,
    },
  },
  replayable: false,
  paced: false,

  checkColumns(columns, options) {
    const stream = (options.stream ?? 'metrics') as HostStream;
    return checkDeclaredColumns(columns, hostColumns[stream], `the stream ${stream}`);
  },

  async open(context: OpenContext): Promise<SourceReader> {
    const { options } = context;
    const processes = options.stream === 'processes';
    const top = (options.top as number | undefined) ?? topDefault;
    const gather = processes ? processesGatherer(processList(), top) : metricsGatherer(allProbes());
    // The base of shares and increases. What fails here fails again, and is reported, at the first sample.
    await gather(context.clock.now());
    const preset = processes ? processesIntervalMs : metricsIntervalMs;
    return new HostReader(context, (options.interval as number | undefined) ?? preset, gather);
  },
};
