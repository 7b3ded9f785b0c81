import { element } from './dom.ts';

const example = `CREATE TABLE host_metrics (ts TIMESTAMP, name VARCHAR, value DOUBLE)
WITH (connector = host, stream = metrics, event_time = ts);

CREATE MATERIALIZED VIEW load AS
SELECT window_start, window_end, avg(value) AS load
FROM tumble(host_metrics, ts, INTERVAL '10 seconds')
WHERE name = 'system.cpu.load_average.1m'
GROUP BY window_start, window_end;
`;

/** Nothing to show yet, and what to do about it. */
export function emptyCard(): HTMLElement {
  const copy = element('button', { class: 'button', type: 'button' }, 'Copy');
  copy.addEventListener('click', async () => {
    await navigator.clipboard.writeText(example);
    copy.textContent = 'Copied';
  });
  return element(
    'section',
    { class: 'card empty' },
    element('b', {}, 'No queries yet.'),
    element('span', {}, 'Put one in a ', element('code', {}, '.sql'), ' file of the folder that is run, and start again.'),
    element('div', {}, element('pre', { tabindex: 0 }, example)),
    copy,
  );
}
