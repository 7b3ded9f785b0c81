import type { Backtest } from '../backtest.ts';
import type { SeriesMeasures } from '../measure.ts';
import { type MeasureColumn, measureColumns } from '../measure-cells.ts';
import { drawSeries, escapeText } from './draw-series.ts';
import { reportStyle } from './report-style.ts';

/** Series that are drawn; the table has them all. */
export const seriesDrawnMax = 200;

export interface ReportSubject {
  readonly data: readonly string[];
  readonly labels: string | null;
}

/** One HTML file with nothing outside of it: measures of all series and of each, and a drawing of each. */
export function reportPage(result: Backtest, { data, labels }: ReportSubject): string {
  const columns = measureColumns(result);
  const title = `Backtest of ${escapeText(result.query.id)}`;
  const drawn = result.series.slice(0, seriesDrawnMax);
  const more = result.series.length - drawn.length;
  const parts = [
    `<h1>${title}</h1>`,
    `<p>${escapeText(data.join(', '))}: ${result.rowsRead.toLocaleString('en')} rows${labels === null ? '; without labels' : `; labels of ${escapeText(labels)}`}. Times are UTC.</p>`,
    ...result.warnings.map((warning) => `<p class="warning">${escapeText(warning)}</p>`),
    totals(result, columns),
    result.series.length > 1 ? table(result, columns) : '',
    legend(result),
    ...drawn.map((each, index) => section(each, index, result, columns)),
    more > 0 ? `<p>${more} series more are not drawn.</p>` : '',
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>
${reportStyle}
</style>
</head>
<body>
<main>
${parts.filter((part) => part !== '').join('\n')}
</main>
</body>
</html>
`;
}

function totals({ all, nab }: Backtest, columns: readonly MeasureColumn[]): string {
  const cells = columns.map(({ title, meaning, cell }) => figure(title, meaning, cell(all)));
  if (nab !== null)
    cells.push(figure('NAB standard', "the Numenta Anomaly Benchmark's score of the alarms: 100 is best, 0 is silence", nab.toFixed(1)));
  return `<dl class="totals">${cells.join('')}</dl>`;
}

function figure(title: string, meaning: string, text: string): string {
  return `<div title="${escapeText(meaning)}"><dt>${title}</dt><dd>${text}</dd></div>`;
}

function table(result: Backtest, columns: readonly MeasureColumn[]): string {
  const head = columns.map(({ title, meaning }) => `<th title="${escapeText(meaning)}">${title}</th>`).join('');
  const row = (first: string, cells: readonly string[]) => `<tr><td>${first}</td>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
  const lines = result.series.map((each, index) => {
    const name = escapeText(each.series.name);
    return row(
      index < seriesDrawnMax ? `<a href="#series-${index}">${name}</a>` : name,
      columns.map(({ cell }) => cell(each)),
    );
  });
  const last = row(
    `all ${result.series.length}`,
    columns.map(({ cell }) => cell(result.all)),
  );
  return `<div class="table"><table><thead><tr><th>series</th>${head}</tr></thead><tbody>${lines.join('\n')}${last}</tbody></table></div>`;
}

function section(each: SeriesMeasures, index: number, result: Backtest, columns: readonly MeasureColumn[]): string {
  const said = columns.map(({ title, cell }) => `<span>${title} <b>${cell(each)}</b></span>`).join('');
  const name = each.series.name === '' ? result.query.name : each.series.name;
  return `<section id="series-${index}"><h2>${escapeText(name)}</h2><div class="said">${said}</div>${drawSeries(each, index, result.scored)}</section>`;
}

function legend({ all, labelled, scored }: Backtest): string {
  const key = (drawing: string, text: string) => `<span><svg viewBox="0 0 26 14" aria-hidden="true">${drawing}</svg>${text}</span>`;
  const alarm = (kind: string) => `<g class="alarm ${kind}"><circle cx="13" cy="7" r="4"/></g>`;
  const band = '<rect class="band" x="2" y="2" width="22" height="10"/>';
  const keys = [
    key('<path class="value" d="M2,10L10,4L16,9L24,3"/>', 'value'),
    ...(all.coverage === null ? [] : [key(band, 'band')]),
    ...(all.forecast === null
      ? []
      : [key(`${band}<path class="forecast" d="M2,9L24,5"/>`, 'forecast and its band, from the dotted line on')]),
    ...(labelled
      ? [
          key(
            '<rect class="window" x="2" y="2" width="22" height="12"/><rect class="window-cap" x="2" y="0" width="22" height="3"/>',
            'labelled event',
          ),
        ]
      : []),
    ...(all.events === null || !labelled ? [] : [key(alarm('true'), 'alarm inside a labelled event')]),
    ...(all.events === null ? [] : [key(alarm('false'), labelled ? 'alarm outside' : 'alarm')]),
    ...(scored ? [key('<path class="score" d="M2,12L10,11L13,3L16,11L24,12"/>', 'score')] : []),
  ];
  return `<div class="legend">${keys.join('')}</div>`;
}
