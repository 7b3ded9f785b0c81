import { Command, CommanderError, Option } from 'commander';
import { CommandError, exitCode } from './exit-code.ts';
import { addExpression, parseDuration, parseLanes, parseNumber, parsePort, parseSkip, parseSpeed } from './option-values.ts';
import { setFlagsForStartup } from '../run/v8-flags.ts';
import { styleFor } from './style.ts';
import { version } from './version.ts';

function examples(lines: readonly string[]): string {
  return `Examples:\n${lines.map((line) => `  $ ${line}`).join('\n')}\n`;
}

function addRun(program: Command): void {
  program
    .command('run')
    .description('run every query in files or folders until stopped (default folder: queries)')
    .argument('[paths...]', 'query files or folders')
    .option('--data <dir>', 'data folder: results, positions, kernel cache', '.millrace')
    .option('--port <n>', 'port of the console on 127.0.0.1; 0: any free one (default: 8080; none with --until-end)', parsePort)
    .option(
      '--lanes <n>',
      'worker threads that run queries (default: cores - 1, at most 4); of a new group: its lanes in all (default: 16)',
      parseLanes,
    )
    .option('--speed <x>', 'pace of recorded and generated data: 1x, 20x, max', parseSpeed, 1)
    .option('--for <duration>', 'stop after a time: 30s, 5min', parseDuration)
    .option('--until-end', 'stop when every bounded source has ended and every window is closed')
    .option(
      '--forget <name>',
      'a source: read it from its beginning, and drop what queries over it have open; a query: drop what it has open (may be given again)',
      (name: string, before: readonly string[] = []) => [...before, name],
    )
    .option(
      '--snapshot-every <duration>',
      'keep an image of what queries have in memory so often, for a quick restart; 0s: never (default: 60s)',
      parseDuration,
    )
    .option('--json', 'one JSON object per event, the summary as the last line')
    .option('--quiet', 'errors only')
    .option('--group <name>', 'share the lanes with other processes of this name, through Kafka')
    .option('--brokers <list>', 'of a group: brokers to ask first, host:port by commas (default: MILLRACE_BROKERS)')
    .option('--kafka <name=value...>', 'of a group: options of the connection, as a Kafka source has them: tls=true sasl=plain')
    .option('--snapshots <place>', 'of a group: folder that all its processes share, or s3://bucket/prefix')
    .option('--member <name>', 'of a group: name of this process, which keeps its lanes over a quick restart')
    .option('--group-protocol <protocol>', 'of a group: classic, or consumer: the broker shares the lanes out, KIP-848 (default: classic)')
    .option('--session <duration>', 'of a group: a process that is silent for so long loses its lanes (default: 8s)', parseDuration)
    .addHelpText(
      'before',
      examples([
        'millrace run queries/demo',
        'millrace run queries/demo --speed 20x --for 30s',
        'millrace run replay.sql --speed max --until-end --json',
      ]),
    )
    .action(async (paths: string[], options) => (await import('./run-command.ts')).runCommand(paths, options));
}

function addCheck(program: Command): void {
  program
    .command('check')
    .description('parse, bind and analyse query files, and compare them with a data folder; nothing is run')
    .argument('[paths...]', 'query files or folders (default: queries)')
    .addOption(new Option('--format <format>', 'how errors are printed').choices(['text', 'short', 'github', 'json']).default('text'))
    .option('--data <dir>', 'also say what a start with this data folder keeps, makes again, or drops')
    .option('--group', 'also say what several processes with --group cannot run')
    .addHelpText(
      'before',
      examples(['millrace check', 'millrace check queries/http --format short', 'millrace check queries/demo --data .millrace']),
    )
    .action(async (paths: string[], options) => (await import('./check-command.ts')).checkCommand(paths, options));
}

function addExplain(program: Command): void {
  program
    .command('explain')
    .description('plan of a query file with the bound of its state, its kernel, or the text of an error code')
    .argument('<file>', 'query file, or an error code such as E0204')
    .option('--plan', 'the plan (default)')
    .option('--kernel', 'the generated AssemblyScript')
    .option('--json', 'the plan as JSON')
    .option('--with <paths...>', 'files or folders that declare what the file reads (default: its own folder)')
    .option('--group <name>', 'which rows go through topics between the lanes of this group, by which keys and for what')
    .option('--lanes <n>', 'of the group: how many lanes it has (default: 16)', parseLanes)
    .addHelpText(
      'before',
      examples([
        'millrace explain queries/demo/error_rate.sql',
        'millrace explain queries/demo/error_rate.sql --kernel',
        'millrace explain queries/orders.sql --group sales',
      ]),
    )
    .action(async (file: string, options) => (await import('./explain-command.ts')).explainCommand(file, options));
}

function addSql(program: Command): void {
  program
    .command('sql')
    .description('ask anything stored: DuckDB SQL, read-only, of the running engine or straight from the data folder')
    .argument('[statement]', 'one statement; - or nothing: read standard input')
    .option('--data <dir>', 'data folder', '.millrace')
    .addOption(
      new Option('--format <format>', 'table on a terminal, tsv otherwise').choices([
        'table',
        'tsv',
        'json',
        'ndjson',
        'csv',
        'arrow',
        'parquet',
      ]),
    )
    .option('--limit <n>', 'rows at most', (text) => parseLanes(text, 'limit', 1_000_000_000), 1_000_000)
    .option('--timeout <duration>', 'time at most', parseDuration, 60_000)
    .option('--rows <n|all>', 'rows shown in a table (default 40)')
    .addHelpText(
      'before',
      examples([
        'millrace sql "SELECT * FROM cpu_by_host ORDER BY window_start DESC LIMIT 5"',
        'millrace sql "SELECT count(*) FROM error_rate" --format json | jq',
        'millrace sql "FROM error_rate" --format parquet > error_rate.parquet',
      ]),
    )
    .action(async (statement: string | undefined, options) => (await import('./sql-command.ts')).sqlCommand(statement, options));
}

function addTest(program: Command): void {
  program
    .command('test')
    .description('run the tests beside query files (name.test for name.sql), in virtual time')
    .argument('[paths...]', 'folders, tests or query files (default: queries)')
    .option('--update', 'rewrite what the tests expect to what comes')
    .option('--quiet', 'failures only')
    .option('--data <dir>', 'data folder: kernel cache', '.millrace')
    .addHelpText(
      'before',
      examples(['millrace test', 'millrace test queries/demo', 'millrace test queries/demo/06_service_health.test --update']),
    )
    .action(async (paths: string[], options) => (await import('./test-command.ts')).testCommand(paths, options));
}

function addBacktest(program: Command): void {
  program
    .command('backtest')
    .description('run a detector or forecast query over recorded data, in virtual time, and measure what it says')
    .argument('<file>', 'query file; what it reads is declared in its folder')
    .requiredOption('--data <path...>', 'CSV, JSON or Parquet in place of the table that the query reads; NAME=PATH where it reads several')
    .option('--labels <path>', 'what was an anomaly: windows (series, start, end), points (series, ts, label), or windows as NAB has them')
    .option('--query <name>', 'which query, where the file holds several')
    .option('--out <file.html>', 'draw every series with its band, alarms and labels')
    .option('--column <name=expression>', 'of the data: what a column of the table is, in SQL (may be given again)', addExpression)
    .option(
      '--label-column <name=expression>',
      'of the labels: series, start, end, ts or label, in SQL (may be given again)',
      addExpression,
    )
    .option('--where <condition>', 'rows of the data, in SQL')
    .option('--series <names>', 'columns of the result, by commas, that tell series apart (default: as the query learns)')
    .option('--time <name>', 'column of the result (default: event time)')
    .option('--value <name>', 'column of the result (default: value, or the first number)')
    .option('--score <name>', 'column of the result (default: score)')
    .option('--alarm <name>', 'column of the result (default: is_alarm)')
    .option('--lower <name>', 'column of the result (default: lower)')
    .option('--upper <name>', 'column of the result (default: upper)')
    .option('--mean <name>', 'column of the result, a list by step ahead (default: mean)')
    .option('--threshold <score>', 'without an alarm column: rows with this score alarm', parseNumber)
    .option('--skip <rows>', 'rows at the beginning of each series that are not judged: 750, 15%, or 15%,750 for the smaller', parseSkip)
    .option(
      '--step <duration>',
      'from one value of a forecast to the next (default: as the query says, else as far apart as rows are)',
      parseDuration,
    )
    .option('--json', 'one JSON object')
    .option('--quiet', 'no progress')
    .option('--cache <dir>', 'data folder: kernel cache', '.millrace')
    .addHelpText(
      'before',
      examples([
        'millrace backtest queries/detect.sql --data cpu.csv --labels incidents.csv --out report.html',
        'millrace backtest queries/learning/03_disk_forecast.sql --query disk_forecast --data "disks/*.parquet"',
        `millrace backtest queries/learning/01_host_anomalies.sql --data nab.parquet --column host=series --column "name='system.cpu.utilization'" --labels combined_windows.json`,
      ]),
    )
    .action(async (file: string, options) => (await import('./backtest-command.ts')).backtestCommand(file, options));
}

function build(): Command {
  const program = new Command('millrace');
  program
    .description('Continuous SQL over telemetry: a folder of SQL files becomes answers')
    .version(version)
    .addOption(new Option('--color <when>', 'colour in the terminal').choices(['auto', 'always', 'never']).default('auto'))
    .addHelpText('after', `\n${examples(['millrace run queries/demo', 'millrace sql "FROM error_rate LIMIT 5"'])}`)
    .showSuggestionAfterError()
    .configureOutput({ outputError: (text, write) => write(text) })
    .exitOverride();
  for (const add of [addRun, addCheck, addTest, addBacktest, addExplain, addSql]) add(program);
  for (const command of program.commands) command.exitOverride().showSuggestionAfterError();
  return program;
}

async function main(): Promise<number> {
  const program = build();
  try {
    await program.parseAsync(process.argv);
    return Number(process.exitCode ?? exitCode.good);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.good : exitCode.usage;
    const style = styleFor(process.stderr);
    if (error instanceof CommandError) {
      process.stderr.write(`${style.red('error')}: ${error.message}\n${error.hint ? `  ${style.bold('help')}: ${error.hint}\n` : ''}`);
      return error.code;
    }
    process.stderr.write(`${style.red('error')}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.stderr.write(
      `  ${style.bold('help')}: this is a fault in Millrace, not in your query; please report it with the lines above\n`,
    );
    return exitCode.failure;
  }
}

// Standard output may be a pipe whose reader has gone (`| head`): that is no error of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exitCode.good);
  throw error;
});
setFlagsForStartup();
process.exitCode = await main();
