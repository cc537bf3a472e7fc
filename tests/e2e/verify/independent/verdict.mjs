// What a check can answer. Nothing here knows what is checked.
//
// Good is the absence of both: a check that returns has proven what its name says. Bad is thrown at
// once: the first contradiction is the answer. What cannot be decided is kept as a doubt, and reading
// goes on, because something behind it may still be bad; it is thrown only where nothing can be read
// on.

export class Bad extends Error {}
export class Undecided extends Error {}

export function bad(what) {
  throw new Bad(what);
}

export function undecided(what) {
  throw new Undecided(what);
}

// Puts a place before the message of what `check` throws.
export function at(where, check) {
  try {
    return check();
  } catch (error) {
    if (error instanceof Bad) throw new Bad(`${where}: ${error.message}`);
    if (error instanceof Undecided) throw new Undecided(`${where}: ${error.message}`);
    throw error;
  }
}

// Lets what is bad pass up and adds what is undecided to `doubts`, an array of texts.
export function keep_doubt(doubts, check) {
  try {
    check();
  } catch (error) {
    if (!(error instanceof Undecided)) throw error;
    doubts.push(error.message);
  }
}

// Runs `check(doubts)`, which returns what it found out, an object or a promise of one.
// { verdict: 'good' | 'bad' | 'undecided', reason, ...found }
export async function answer(check) {
  const doubts = [];
  try {
    const found = await check(doubts);
    if (doubts.length === 0) return { verdict: 'good', ...found };
    return { verdict: 'undecided', reason: doubts[0], ...found };
  } catch (error) {
    if (error instanceof Bad) return { verdict: 'bad', reason: error.message };
    if (!(error instanceof Undecided)) throw error;
    return { verdict: 'undecided', reason: doubts[0] ?? error.message };
  }
}

// Prints the answer as one line of JSON and sets the exit code: 0 good, 1 bad, 2 cannot decide.
export function tell(found) {
  console.log(JSON.stringify(found));
  process.exitCode = ['good', 'bad', 'undecided'].indexOf(found.verdict);
}
