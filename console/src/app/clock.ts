// Time as people read it.
import { useEffect, useState } from 'preact/hooks';
import { gatewayTime } from '../api/gateway_time.ts';

/** The gateway's time in ms, anew each `period_ms`: for countdowns and ages. */
export function useNow(period_ms = 1000): number {
  const [now, setNow] = useState(() => gatewayTime());
  useEffect(() => {
    const timer = setInterval(() => setNow(gatewayTime()), period_ms);
    return () => clearInterval(timer);
  }, [period_ms]);
  return now;
}

/** 754 -> "12:34"; 3,700 -> "1:01:40"; 200,000 -> "2 d 7 h". */
export function countdown(seconds: number): string {
  const left = Math.max(0, Math.floor(seconds));
  const two = (value: number): string => String(value).padStart(2, '0');
  if (left >= 86_400) return `${Math.floor(left / 86_400)} d ${Math.floor((left % 86_400) / 3600)} h`;
  if (left >= 3600) return `${Math.floor(left / 3600)}:${two(Math.floor((left % 3600) / 60))}:${two(left % 60)}`;
  return `${Math.floor(left / 60)}:${two(left % 60)}`;
}

/** In words, for people who hear it. */
export function inWords(seconds: number): string {
  const left = Math.max(0, Math.floor(seconds));
  const parts: [number, string][] = [[86_400, 'day'], [3600, 'hour'], [60, 'minute'], [1, 'second']];
  const at = parts.findIndex(([size]) => left >= size);
  if (at < 0) return 'now';
  const [size, name] = parts[at]!;
  const count = Math.floor(left / size);
  return `${count} ${name}${count === 1 ? '' : 's'}`;
}

/** 5400 -> "1 hour 30 minutes": nothing is rounded. */
export function inFull(seconds: number): string {
  if (seconds < 60) return `${seconds} second${seconds === 1 ? '' : 's'}`;
  const size = [86_400, 3600, 60].find((one) => seconds >= one)!;
  const rest = seconds % size;
  return rest ? `${inWords(seconds)} ${inFull(rest)}` : inWords(seconds);
}

export const ago = (seconds: number, now_ms: number): string => {
  const age = now_ms / 1000 - seconds;
  return age < 2 ? 'just now' : `${inWords(age)} ago`;
};

/** 2026-11-27 12:34:56, in the person's own zone. */
export function dateTime(seconds: number): string {
  const date = new Date(seconds * 1000);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ` +
    `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

export const clockTime = (seconds: number): string => dateTime(seconds).slice(11);
