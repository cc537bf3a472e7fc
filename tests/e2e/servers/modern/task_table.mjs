// Tasks of the io.modelcontextprotocol/tasks extension (SEP-2663): create, get, update, cancel.
//
// Work runs in the background as work({signal, ask}); ask(requests) parks the task in
// "input_required" until every key was answered, and resolves with the answers. A tool's own error
// is a completed task with isError; a thrown ProtocolError is a failed one. Tasks live in memory
// until the process ends, longer than any ttlMs given out.

import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import { randomUUID } from 'node:crypto';

const TTL_MS = 600_000;
const POLL_INTERVAL_MS = 50;
const TERMINAL = new Set(['completed', 'failed', 'cancelled']);

export class TaskTable {
  #tasks = new Map();

  /**
   * Starts `work` and returns the CreateTaskResult.
   * @param {(run: {signal: AbortSignal, ask: (requests: object) => Promise<object>})
   *   => Promise<object>} work
   */
  create(work) {
    const now = new Date().toISOString();
    const abort = new AbortController();
    const task = { abort, inputs: undefined, outcome: {}, fields: {
      taskId: randomUUID(), status: 'working', createdAt: now, lastUpdatedAt: now,
      ttlMs: TTL_MS, pollIntervalMs: POLL_INTERVAL_MS } };
    this.#tasks.set(task.fields.taskId, task);
    const created = { resultType: 'task', ...task.fields };
    work({ signal: abort.signal, ask: (requests) => ask(task, requests) }).then(
      (result) => settle(task, 'completed', { result: { resultType: 'complete', ...result } }),
      (error) => settle(task, 'failed', {
        error: { code: error.code ?? ProtocolErrorCode.InternalError, message: error.message } }));
    return created;
  }

  /** The DetailedTask. Errors: -32602 for an id that was never given out. */
  get(id) {
    const task = this.#find(id);
    return { resultType: 'complete', ...task.fields, ...task.outcome,
      ...(task.fields.status === 'input_required' && { inputRequests: task.inputs.pending }) };
  }

  /** Takes answers in; unknown and repeated keys are ignored. */
  update(id, responses) {
    const task = this.#find(id);
    for (const [key, response] of Object.entries(responses ?? {})) {
      if (task.inputs?.pending[key] !== undefined) {
        delete task.inputs.pending[key];
        task.inputs.answers[key] = response;
      }
    }
    if (task.inputs !== undefined && Object.keys(task.inputs.pending).length === 0) {
      const { resume, answers } = task.inputs;
      task.inputs = undefined;
      move(task, 'working');
      resume(answers);
    }
    return { resultType: 'complete' };
  }

  /** Ends a task that still runs; on one that ended it changes nothing. */
  cancel(id) {
    const task = this.#find(id);
    settle(task, 'cancelled', {});
    task.abort.abort();
    return { resultType: 'complete' };
  }

  #find(id) {
    const task = this.#tasks.get(id);
    if (task === undefined) {
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown task: ${id}`);
    }
    return task;
  }
}

function move(task, status) {
  task.fields = { ...task.fields, status, lastUpdatedAt: new Date().toISOString() };
}

function settle(task, status, outcome) {
  if (!TERMINAL.has(task.fields.status)) {
    move(task, status);
    task.outcome = outcome;
  }
}

function ask(task, requests) {
  return new Promise((resume) => {
    task.inputs = { pending: { ...requests }, answers: {}, resume };
    move(task, 'input_required');
  });
}
