import type uPlot from 'uplot';
import type { ChartThreshold } from './chart-data.ts';
import { color } from './theme.ts';

const textFont = '12px Geist, system-ui, sans-serif';

/** The threshold as a dashed line across, and the moment of crossing as one down with its text. Nothing where they are out of sight. */
export function drawThreshold(plot: uPlot, threshold: ChartThreshold | undefined): void {
  const { min, max } = plot.scales.y ?? {};
  if (threshold === undefined || min === undefined || max === undefined || min === null || max === null) return;
  if (threshold.value < min || threshold.value > max) return;
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  const y = plot.valToPos(threshold.value, 'y', true);
  ctx.save();
  ctx.font = textFont.replace('12px', `${12 * ratio}px`);
  ctx.strokeStyle = ctx.fillStyle = color('critical-mark');
  ctx.lineWidth = ratio;
  ctx.setLineDash([6 * ratio, 4 * ratio]);
  line(ctx, bbox.left, y, bbox.left + bbox.width, y);
  const below = y - bbox.top < 20 * ratio;
  ctx.textBaseline = below ? 'top' : 'bottom';
  ctx.textAlign = 'left';
  ctx.fillStyle = color('critical');
  const taken = drawCrossing(plot, threshold, y, below);
  const left = bbox.left + 6 * ratio;
  // The legend says it too.
  if (left + ctx.measureText(threshold.text).width + 12 * ratio < taken) ctx.fillText(threshold.text, left, y + (below ? 4 : -4) * ratio);
  ctx.restore();
}

/** Returns where its text begins, in canvas pixels. */
function drawCrossing({ ctx, bbox, scales, valToPos }: uPlot, { crossing }: ChartThreshold, y: number, below: boolean): number {
  const { min, max } = scales.x ?? {};
  if (crossing === null || min === undefined || max === undefined || min === null || max === null) return Number.POSITIVE_INFINITY;
  if (crossing.time < min || crossing.time > max) return Number.POSITIVE_INFINITY;
  const ratio = devicePixelRatio;
  const x = valToPos(crossing.time, 'x', true);
  line(ctx, x, y, x, bbox.top + bbox.height);
  ctx.setLineDash([]);
  ctx.beginPath();
  ctx.arc(x, y, 4 * ratio, 0, 2 * Math.PI);
  ctx.fill();
  const width = ctx.measureText(crossing.text).width;
  const right = bbox.left + bbox.width - width - 4 * ratio;
  const left = Math.max(bbox.left, Math.min(x - width / 2, right));
  ctx.fillText(crossing.text, left, y + (below ? 8 : -8) * ratio);
  return left;
}

function line(ctx: CanvasRenderingContext2D, fromX: number, fromY: number, toX: number, toY: number): void {
  ctx.beginPath();
  ctx.moveTo(fromX, fromY);
  ctx.lineTo(toX, toY);
  ctx.stroke();
}
