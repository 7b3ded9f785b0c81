import type { EngineEvent } from '../run/runtime-status.ts';
import type { Style } from './style.ts';

const symbols = { info: '○', warning: '▲', error: '◆' } as const;

/** `10:14:02  ▲ http/slow_requests  14 s behind`: an event as a person at the terminal sees it. */
export function eventLine(event: EngineEvent, style: Style): string {
  const time = new Date(event.at).toISOString().slice(11, 19);
  const paint = event.level === 'error' ? style.red : event.level === 'warning' ? style.yellow : style.dim;
  return `${style.dim(time)}  ${paint(symbols[event.level])} ${event.subject === null ? '' : `${style.cyan(event.subject)}  `}${event.text}`;
}

/** The same for a log file: one line, ISO time, key=value. */
export function eventRecord(event: EngineEvent): string {
  const subject = event.subject === null ? '' : ` subject=${event.subject}`;
  const level = { info: 'info ', warning: 'warn ', error: 'error' }[event.level];
  return `${new Date(event.at).toISOString()} ${level} ${event.kind}${subject} text=${JSON.stringify(event.text)}`;
}

export function eventJson(event: EngineEvent): string {
  return JSON.stringify({
    v: 1,
    t: new Date(event.at).toISOString(),
    type: event.kind,
    level: event.level,
    subject: event.subject,
    text: event.text,
  });
}
