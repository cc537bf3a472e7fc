// What a check found. There are three answers and unknown is one of them: nothing in this console may
// take `unknown` for `good`.

export type Answer = 'good' | 'bad' | 'unknown';

export interface Found {
  answer: Answer;
  /** Why, in words for people; of `good`: what was compared. */
  why: string;
}

export const good = (why: string): Found => ({ answer: 'good', why });
export const bad = (why: string): Found => ({ answer: 'bad', why });
export const unknown = (why: string): Found => ({ answer: 'unknown', why });
