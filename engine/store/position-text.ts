import type { Position } from '../../connectors/connector.ts';

export function positionText(position: Position): string {
  return JSON.stringify(position);
}

export function positionOf(text: unknown): Position {
  return JSON.parse(String(text)) as Position;
}
