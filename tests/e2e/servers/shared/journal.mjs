// The journal: one JSON line for every tool call that a reference server begins to execute.
//
// It is the witness of the crash tests: what stands here happened, whatever the gateway says. The
// line is written before the tool runs, with one synchronous append, so a killed server cannot
// have executed a call without a line. Several servers may share one file (O_APPEND).

import { openSync, writeSync } from 'node:fs';

/**
 * @param {string | undefined} file no file: nothing is kept
 * @returns {(entry: {server: string, tool: string, arguments: object, request_id: string | number,
 *   meta?: object}) => void}
 */
export function open_journal(file) {
  if (file === undefined) {
    return () => {};
  }
  const descriptor = openSync(file, 'a');
  return (entry) => {
    writeSync(descriptor, `${JSON.stringify({ at: new Date().toISOString(), pid: process.pid,
      ...entry })}\n`);
  };
}
