const light = `--ground:#f4f6f7;--card:#fff;--ink:#13202a;--muted:#566773;--line:#dfe5e9;--axis:#b4c0c8;--value:#13506b;--band:#2a8fb0;--score:#8a2f86;
--window:#c9770d;--alarm:#c2143f;--forecast:#b8480a;color-scheme:light`;
const dark = `--ground:#0b1116;--card:#121a21;--ink:#e4ecf1;--muted:#98a9b5;--line:#202c35;--axis:#43545f;--value:#a9dcef;--band:#3ba9cb;--score:#d79be0;
--window:#e9982b;--alarm:#ff5d86;--forecast:#f59a55;color-scheme:dark`;

/** Light or dark as the reader's system is. */
export const reportStyle = `:root{${light}}
@media (prefers-color-scheme:dark){:root{${dark}}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:14px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;font-variant-numeric:tabular-nums}
main{max-width:1200px;margin:0 auto;padding:28px 20px 60px}
h1{font-size:22px;font-weight:600;margin:0 0 2px}
h2{font-size:14px;font-weight:600;margin:0;overflow-wrap:anywhere}
p{margin:0;color:var(--muted)}
p.warning{color:var(--ink);border-left:3px solid var(--window);padding-left:10px;margin-top:10px}
section,.table{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:14px 16px;margin-top:16px}
.totals{display:flex;flex-wrap:wrap;gap:10px 26px;margin:18px 0 0}
.totals div{min-width:64px}
.totals dt{color:var(--muted);font-size:12.5px}
.totals dd{margin:0;font-size:21px;font-weight:600}
.legend{display:flex;flex-wrap:wrap;gap:4px 20px;margin-top:18px;color:var(--muted)}
.legend span{display:inline-flex;align-items:center;gap:7px}
.legend svg{width:26px;height:14px}
.said{display:flex;flex-wrap:wrap;gap:2px 18px;margin:2px 0 8px;color:var(--muted);font-size:13px}
.said b{color:var(--ink);font-weight:600}
svg{display:block;width:100%;height:auto}
section,.table{overflow-x:auto}
section svg{min-width:720px}
table{border-collapse:collapse;width:100%;font-size:13px}
th,td{padding:4px 10px;text-align:right;white-space:nowrap;border-top:1px solid var(--line)}
th{border-top:0;color:var(--muted);font-weight:500}
th:first-child,td:first-child{text-align:left;padding-left:0}
tr:last-child td{font-weight:600}
a{color:inherit;text-decoration-color:var(--axis);text-underline-offset:3px}
.grid{stroke:var(--line)}.axis{stroke:var(--axis)}
.tick{fill:var(--muted);font-size:11.5px}
.value,.score,.forecast{fill:none;stroke-linejoin:round;stroke-linecap:round}
.value{stroke:var(--value);stroke-width:1.2}
.score{stroke:var(--score);stroke-width:1}
.forecast{stroke:var(--forecast);stroke-width:1.6}
.band{fill:var(--band);fill-opacity:.25}
.origin{stroke:var(--axis);stroke-dasharray:2 3}
.window{fill:var(--window);fill-opacity:.17}.window-cap{fill:var(--window)}
.skipped{fill:var(--axis);fill-opacity:.16}
.alarm line{stroke:var(--alarm);stroke-opacity:.55}
.alarm circle{stroke:var(--alarm);stroke-width:1.8;fill:var(--card)}
.alarm.true circle{fill:var(--alarm)}
@media print{section{break-inside:avoid}}`;
